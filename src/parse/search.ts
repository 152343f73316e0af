/**
 * Finds the lines that may report a refusal, in one pass over raw bytes. All others, nearly all of
 * a log, are never decoded, split or copied.
 */
import { FORMATS } from './formats.ts';
import { NEWLINE, UNSEEN } from './search/needles.ts';
import { ROOM, Vectors } from './search/vectors.ts';
import { scanByWindows } from './search/windows.ts';

/**
 * Calls `found` with the bounds of lines (without their newlines), in order.
 * @param bytes whole lines; the last one may lack its newline
 */
export type Search = (bytes: Buffer, found: (start: number, end: number) => void) => void;

/** From so many bytes on the search with vectors is worth its start: an idle agent never has it. */
const MANY = 65_536;
/** Null where it cannot be had, undefined where it was not needed yet. */
let vectors: Vectors | null | undefined;

function vectorsFor(bytes: number): Vectors | null {
  if (bytes < MANY) return null;
  if (vectors === undefined) {
    try {
      vectors = new Vectors();
    } catch {
      vectors = null;
    }
  }
  return vectors;
}

/** Finds each line that holds a needle. */
export const scan: Search = (bytes, found) => {
  const fast = vectorsFor(bytes.length);
  if (fast === null) scanByWindows(bytes, found);
  else fast.scan(bytes, found);
};

/** Counts the newlines in `bytes` from `start` up to `end`. */
export function countLines(bytes: Buffer, start: number, end: number): number {
  const fast = vectors?.holds(bytes) === true ? vectors : vectorsFor(end - start);
  if (fast !== null) return fast.countLines(bytes, start, end);
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE, start); at !== -1 && at < end; count++) {
    at = bytes.indexOf(NEWLINE, at + 1);
  }
  return count;
}

/**
 * A buffer for the pieces of a file, ROOM bytes long at most: where many are to be read, one that is
 * searched without a copy. Only one file at a time can be read with it.
 * @param total bytes of the file, as far as known
 */
export function bufferFor(total: number): Buffer {
  return vectorsFor(total)?.buffer ?? Buffer.allocUnsafe(ROOM);
}

/**
 * A regular expression that matches every message of a refusal or of unseen ones: for a source that
 * can filter messages itself, without their headers (journalctl --grep).
 */
export function messagePattern(): string {
  const each = [...FORMATS.flatMap((format) => format.needles), ...UNSEEN];
  const words = each.map((needle) => /[A-Za-z=]+/.exec(needle)?.[0]);
  return [...new Set(words)].join('|');
}
