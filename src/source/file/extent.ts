/** Where a block of a stream is in relation to a saved position. */
import type { Place } from '../kind.ts';
import type { Lines, Position } from '../source.ts';
import { file } from './found.ts';
import { statOf } from './members.ts';
import {
  asFilePosition,
  keyOf,
  PRINT,
  printOf,
  sameFile,
  type FilePosition,
  type Mark,
} from './position.ts';
import { packingOf } from './rotated.ts';

/**
 * How many bytes of a block are before a place. Offsets count what was read, so after a line that
 * was longer than `maxLine` in the block itself the result is too small.
 * @param previous the position before the block
 */
export function bytesBefore(
  { bytes, position }: Lines,
  previous: Position | undefined,
  { position: saved, less }: Place,
): number {
  const files = marksOf(position);
  const offsets = new Map(marksOf(previous).map((mark) => [keyOf(mark), mark.offset]));
  const read = files.findIndex((mark) => mark.offset !== (offsets.get(keyOf(mark)) ?? 0));
  const mark = files[read];
  if (mark === undefined) return 0;
  const { files: marks, since } = asFilePosition(saved) ?? NOWHERE;
  const isFirst = mark.offset - bytes.length <= 0 && bytes.length >= PRINT;
  const start = isFirst ? () => bytes : () => startOf(mark);
  const same = marks.find((earlier) => isSame(mark, earlier, start));
  if (same === undefined) {
    const isOlder = files.slice(read + 1).some((it) => marks.some((other) => isCopy(it, other)));
    return isOlder || isWrittenUntil(mark, since) ? bytes.length : 0;
  }
  // A first block ends in the newest of its files.
  const end = same.offset - (same === marks.at(-1) ? less : 0);
  return Math.min(bytes.length, Math.max(0, bytes.length - (mark.offset - end)));
}

const NOWHERE: Pick<FilePosition, 'files' | 'since'> = { files: [], since: 0 };

function marksOf(position: Position | undefined): readonly Mark[] {
  return (position && asFilePosition(position)?.files) ?? [];
}

/** A file that was empty may have been filled, copied and truncated since then. */
function isCopy(mark: Mark, earlier: Mark): boolean {
  return earlier.head.size > 0 && isSame(mark, earlier, () => startOf(mark));
}

/**
 * Whether a file was last written at a time or before it, ms since 1970. Some compressors keep only
 * the second of it.
 */
function isWrittenUntil({ name }: Mark, time: number): boolean {
  const written = statOf(name)?.mtimeMs ?? Infinity;
  const last = written % 1000 === 0 ? written + 999 : written;
  return written === time || last <= time;
}

/**
 * Whether a file has the content that an earlier mark is of: a rotated file is another one when it
 * is compressed or copied, and a truncated one is the same with other content.
 * @param start gives its first bytes, or null
 */
function isSame(mark: Mark, { head, ...earlier }: Mark, start: () => Buffer | null): boolean {
  const { size, hash } = head;
  if (size === 0) return sameFile(mark, earlier);
  if (size === mark.head.size) return hash === mark.head.hash;
  const bytes = start();
  if (bytes === null) return sameFile(mark, earlier) && mark.head.size > size;
  return bytes.length >= size && hash === printOf(bytes.subarray(0, size)).hash;
}

/** The first bytes of a file, as far as a fingerprint reaches; null where they cannot be read. */
function startOf({ name }: Mark): Buffer | null {
  const [found] = file(name, 'rotated', packingOf(name) ?? null);
  try {
    return found?.head() ?? null;
  } catch {
    return null; // It was moved meanwhile.
  } finally {
    found?.close();
  }
}
