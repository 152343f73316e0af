/** The options of a tail. */
import type { DrainOptions } from './drain.ts';

/**
 * At the file's start or end, after this many bytes of it, or, for a file that appeared later than
 * `since` (milliseconds since 1970), with all that was rotated since then.
 */
export type Begin = 'start' | 'end' | number | { readonly since: number };

/**
 * Since when rotated files got nothing more, by the file (`keyOf`) as performance.now: a log that is
 * left and followed again does not wait for late writers from the start.
 */
export type RotatedSince = ReadonlyMap<string, number>;

export interface TailOptions extends DrainOptions {
  /** Where to begin where no position is saved. */
  readonly from: Begin;
  /** Why the file could not be read the last time, which has been reported; or null. */
  readonly problem: string | null;
  /** What the tail knew that followed the log before. */
  readonly rotatedSince: RotatedSince;
  /**
   * Whether a file is another log, which is never treated as a rotated one.
   * @param isMine it was read as one of this log's
   */
  readonly isOther: (path: string, isMine: boolean) => boolean;
  /** Whether the file at its path is another log's, which was renamed to it. */
  readonly isTaken: () => boolean;
  /** Whether something else wakes it when its file is written to. */
  readonly isWatched: () => boolean;
  /** Called after each look. */
  readonly looked: () => void;
}
