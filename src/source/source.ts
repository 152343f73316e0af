/**
 * The interface of every source. A source knows nothing of refusals: it hands over blocks of whole
 * lines, in order, each byte once, and stores its place only through the taker.
 */
import type { Logger } from 'pino';

/**
 * The place of a source in one stream: enough to go on from there after a restart, even if the file
 * was rotated meanwhile. Plain JSON; only the source knows its shape. It has a `version` (1 where
 * it is missing): a source reads every version that it ever wrote, and reports a newer one as lost.
 */
export type Position = Readonly<Record<string, unknown>>;

/**
 * A block of whole log lines of one stream. Lines end at `\n` alone (the last one of a file that
 * will not grow any more may lack it). A block rather than single lines, because nearly all lines
 * are not refusals and are skipped in one scan of the raw bytes.
 */
export interface Lines {
  /** The stream that they came from: a file's path, `journal`. Key of the saved position. */
  readonly stream: string;
  /** Valid only during the call that hands them over: the source uses the buffer again. */
  readonly bytes: Buffer;
  /** The position of the stream after these lines. */
  readonly position: Position;
}

/** One stream of a source, as `status` shows it. */
export interface StreamState {
  readonly stream: string;
  /** Bytes not read yet; null where that is unknown (a journal). */
  readonly behind: number | null;
  /** Why it cannot be read now, for an administrator; or null. */
  readonly problem: string | null;
}

/** The agent's side of a source: everything that a source may call. */
export interface Taker {
  /**
   * The position saved for a stream, or undefined where it was never read. The stream is about to
   * be read: it is waited for until `caughtUp` or `unreadable`. The lines until then may be as old
   * as the first of these calls.
   */
  positionOf(stream: string): Position | undefined;
  /**
   * The same for a stream that may never be read: nothing waits for it. Where a stream is read from
   * its beginning again (`verify`), this is where the agent is in it.
   */
  peek(stream: string): Position | undefined;
  /**
   * Takes a block. When it returns, what matters in the block is stored durably and the source goes
   * on. When it throws, nothing was stored: the source keeps its place and offers the same block
   * again after a pause.
   */
  take(lines: Lines): void;
  /**
   * Saves the first positions of streams before anything was handed over: all at once, or it
   * throws.
   */
  begin(places: ReadonlyMap<string, Position>): void;
  /**
   * The stream has no more lines for now. Called each time its end is reached (at the first look
   * even if there was nothing to read), and never in the middle of a backlog. Later lines are read
   * as they are written.
   */
  caughtUp(stream: string): void;
  /**
   * The stream cannot be read for now (a disk error, a log that is gone), so nothing must wait for
   * it. Its later lines are a backlog.
   */
  unreadable(stream: string): void;
  /**
   * The file of a stream is gone, and all of it was read. It may come back, and goes on from its
   * position then. Never throws.
   */
  gone(stream: string): void;
  /** Bytes are known to be lost (with how many and why, where that is known). */
  lost(stream: string, what: string): void;
  readonly log: Logger;
}

/** A running source. */
export interface Source {
  /** Every stream that it reads now. */
  streams(): StreamState[];
  /**
   * Resolves when each stream was read to the end that it had at the time of the call (`--once`).
   */
  drained(): Promise<void>;
  /** Stops reading. Nothing is handed over after this resolves; no handle, timer or process is left. */
  stop(): Promise<void>;
}
