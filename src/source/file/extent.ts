/** Where a block of a stream is in relation to a saved position. */
import type { Place } from '../kind.ts';
import type { Lines, Position } from '../source.ts';
import { asFilePosition, keyOf, printOf, sameFile, type Mark } from './position.ts';

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
  const marks = marksOf(saved);
  const start = mark.offset - bytes.length <= 0 ? bytes : null;
  const same = marks.find((earlier) => isSame(mark, earlier, start));
  if (same === undefined) {
    const isOlder = files.slice(read + 1).some((it) => marks.some((other) => isSame(it, other)));
    return isOlder ? bytes.length : 0;
  }
  // A first block ends in the newest of its files.
  const end = same.offset - (same === marks.at(-1) ? less : 0);
  return Math.min(bytes.length, Math.max(0, bytes.length - (mark.offset - end)));
}

function marksOf(position: Position | undefined): readonly Mark[] {
  return (position && asFilePosition(position)?.files) ?? [];
}

/**
 * Whether a file has the content that an earlier mark is of: a rotated file is another one when it
 * is compressed or copied, and a truncated one is the same with other content.
 * @param start its first bytes, if they are known
 */
function isSame(mark: Mark, { head, ...earlier }: Mark, start: Buffer | null = null): boolean {
  const { size, hash } = head;
  if (size > 0 && size === mark.head.size) return hash === mark.head.hash;
  if (size > 0 && start !== null && size <= start.length)
    return hash === printOf(start.subarray(0, size)).hash;
  return sameFile(mark, earlier) && mark.head.size >= size;
}
