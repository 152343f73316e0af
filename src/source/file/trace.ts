/**
 * Finds what a stream was reading after a rotation, a truncation, or a restart with any number of
 * them in between.
 */
import type { FoundFile } from './found.ts';
import { PRINT, sameFile, type Mark } from './position.ts';

/** A fingerprint shorter than a log line does not prove that a file is a copy of a known one. */
export const PROOF = 64;

export interface Trace {
  /** Where each known file is now; absent: nowhere. */
  readonly places: ReadonlyMap<Mark, FoundFile>;
  /** Rotated files, oldest first, that came after the known ones and were never read. */
  readonly fresh: readonly FoundFile[];
  /** Rotated files that are copies of the current one, as far as is known. */
  readonly copies: ReadonlySet<FoundFile>;
  /** New value of FilePosition.since. */
  readonly since: number;
  /** False where a file is too short to distinguish it from the current one: look again later. */
  readonly settled: boolean;
}

/**
 * Finds the known files on disk, and the files that no one has read between them and the current
 * one. A file is recognised by its identity (it was renamed) or by its content (it was copied,
 * compressed, or restored).
 * @param known the stream's files, oldest first; all but the last were rotated away already
 * @param files a listing: rotated files oldest first, the current one last
 */
export function traceFiles(
  known: readonly Mark[],
  files: readonly FoundFile[],
  since: number,
): Trace {
  const current = files.find(({ role }) => role === 'current');
  const rotated = files.filter(({ role }) => role !== 'current');
  current?.head(); // Before the others: if this shows a truncation, its copy is complete by now.
  const places = new Map<Mark, FoundFile>();
  let anchor = -1;
  for (const mark of known.slice(0, -1)) {
    const place =
      rotated.find((it) => sameFile(it.id, mark) && it.holds(mark)) ??
      proven(mark, rotated, anchor, known);
    if (place === undefined) continue;
    places.set(mark, place);
    anchor = Math.max(anchor, rotated.indexOf(place));
  }
  const last = known.at(-1);
  const renamed = last && rotated.find((it) => sameFile(it.id, last) && it.holds(last));
  // If none of them is found, everything last written before they were is older than they. But what
  // was rotated after the last one is newer, even where the file system's clock does not show it.
  const newer = renamed === undefined ? rotated.length : rotated.indexOf(renamed) + 1;
  const floor =
    anchor === -1
      ? Math.min(newer, rotated.findLastIndex(({ mtime }) => mtime <= since) + 1)
      : anchor + 1;
  const place =
    renamed ??
    (last &&
      (copyOfLast(last, rotated.slice(floor), current) ?? proven(last, rotated, anchor, known)));
  if (place !== undefined) places.set(last!, place);

  const taken = new Set(places.values());
  // An empty file may be a copy that has just begun. This checks its head, because its size goes on
  // growing.
  const unread = rotated
    .slice(floor)
    .filter((it) => it.role === 'rotated' && !taken.has(it))
    .filter((it) => it.head().length > 0 || it.problem !== null);
  const copies = new Set(unread.filter((it) => current !== undefined && it.isCopyOf(current)));
  const fresh = unread.filter((it) => !copies.has(it));
  const accounted = [...rotated.slice(0, floor), ...taken, ...fresh];
  const times = accounted.filter((it) => it.role === 'rotated').map(({ mtime }) => mtime);
  return {
    places,
    fresh,
    copies,
    since: Math.max(since, ...times),
    settled: [...copies].every((it) => it.head().length === PRINT),
  };
}

/**
 * A copy of a known file among those that came after the one that it followed. Excluded are other
 * known files, and files longer than one that was read to its end: these may be longer copies,
 * which replaced it.
 */
function proven(
  mark: Mark,
  rotated: readonly FoundFile[],
  anchor: number,
  known: readonly Mark[],
): FoundFile | undefined {
  return rotated
    .slice(anchor + 1)
    .filter((it) => !known.some((other) => other !== mark && sameFile(it.id, other)))
    .filter((it) => !mark.done || it.packed || it.size <= mark.size)
    .find((it) => isProof(mark, it) && it.holds(mark));
}

/**
 * Where the content is of the file that was current at the last look, if it was not renamed: in the
 * current file, or in one that was rotated since then.
 */
function copyOfLast(
  last: Mark,
  rotated: readonly FoundFile[],
  current: FoundFile | undefined,
): FoundFile | undefined {
  const isUnchanged = current !== undefined && current.holds(last);
  const copies = rotated.filter((it) => last.head.size > 0 && it.holds(last));
  if (!isUnchanged) return copies[0];
  // A truncated file that has grown again may begin as it did before. Then its copy continues
  // differently; a copy that is just being made (copytruncate) does not.
  if (sameFile(current.id, last)) return copies.find((it) => !it.isCopyOf(current)) ?? current;
  // Another file replaced it: a longer copy (rsync, an editor) continues where it ended.
  const { size } = last.head;
  const goesOn = size === PRINT || (size > 0 && current.size > last.offset);
  return copies[0] ?? (goesOn ? current : undefined);
}

/** Whether equal first bytes prove the same file: there are enough of them, or no others. */
export function isProof({ head, size }: Mark, file: FoundFile): boolean {
  return head.size >= PROOF || (head.size > 0 && file.head().length === size);
}
