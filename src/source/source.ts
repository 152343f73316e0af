/**
 * What every source gives, and what it is given. A source knows nothing of refusals: it hands over
 * blocks of whole lines, in order, each byte once, and remembers its place only through the taker.
 */
import type { Logger } from 'pino';

/**
 * Where a source stands in one stream: enough to go on from there after a restart, also when the
 * file was rotated meanwhile. Plain JSON; its shape is the source's own business. It has a `version`
 * (1 where it is missing): a source reads every version that it ever wrote, and reports one that is
 * newer than itself as lost.
 */
export type Position = Readonly<Record<string, unknown>>;

/**
 * A block of whole log lines of one stream. Lines end at `\n` alone (the last one of a file that
 * will not grow any more may lack it). A block rather than single lines, because nearly all lines
 * are no refusal and are passed over in one scan of the raw bytes.
 */
export interface Lines {
  /** The stream that they came from: a file's path, `journal`. Key of the saved position. */
  readonly stream: string;
  /** Valid only during the call that hands them over: the source uses the buffer again. */
  readonly bytes: Buffer;
  /** Where the stream stands after these lines. */
  readonly position: Position;
}

/** One stream of a source, as `status` shows it. */
export interface StreamState {
  readonly stream: string;
  /** Bytes not read yet, null where that cannot be known (a journal). */
  readonly behind: number | null;
  /** Why it cannot be read now, in words for an administrator, or null. */
  readonly problem: string | null;
}

/** The agent's side of a source: everything that a source may call. */
export interface Taker {
  /**
   * The position saved for a stream, or undefined where it was never read. The stream is about to
   * be read: it is waited for until `caughtUp` or `unreadable`.
   */
  positionOf(stream: string): Position | undefined;
  /** The same, for a stream that may never be read: nobody will wait for it. */
  peek(stream: string): Position | undefined;
  /**
   * Takes a block. When it returns, what matters in it is stored for good and the source goes on.
   * When it throws, nothing was stored: the source keeps its place and offers the same block again
   * after a pause.
   */
  take(lines: Lines): void;
  /** Saves where streams begin of which nothing was handed over yet: all at once, or it throws. */
  begin(places: ReadonlyMap<string, Position>): void;
  /**
   * The stream has no more lines for now. Called each time its end is reached, at the first look
   * also where there was nothing to read, and never in the middle of a backlog. What comes after
   * this is read as it is written.
   */
  caughtUp(stream: string): void;
  /**
   * The stream cannot be read for now (an error of the disk, a log that is gone), so nobody is to
   * wait for it. What comes of it later is a backlog.
   */
  unreadable(stream: string): void;
  /** Bytes are known to be lost (said with how many and why, where that is known). */
  lost(stream: string, what: string): void;
  readonly log: Logger;
}

/** A running source. */
export interface Source {
  /** Every stream that it reads now. */
  streams(): StreamState[];
  /** Resolves when each stream was read to the end it had when this was called (`--once`). */
  drained(): Promise<void>;
  /** Stops reading. Nothing is handed over after this resolves; no handle, timer or process is left. */
  stop(): Promise<void>;
}
