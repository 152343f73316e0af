/** What a delivery needs of the queue: the results waiting for one monitor. All synchronous. */
import type { Result } from '../queue/result.ts';

/** Kept over restarts, so that an agent started in a loop doesn't hammer a monitor. */
export interface Backoff {
  /** Sessions that failed since the last good one. */
  readonly failures: number;
  /** When to try next, milliseconds since 1970. */
  readonly next: number;
  /** Of the last MonitorError; null when the last session was good. */
  readonly kind: string | null;
  readonly message: string | null;
}

export interface Outbox {
  /** The first waiting results whose place is behind `after` (-Infinity: all), at most `limit`. */
  waiting(after: number, limit: number): Result[];
  /** Has what waited too long told in a digest, and gives how many results that were. */
  digest(): number;
  /** Takes these out of the queue, in one transaction. */
  delivered(ids: readonly number[]): void;
  /** Counts one more attempt for each of these. */
  failed(ids: readonly number[]): void;
  /** Keeps the result, but away from delivery, until someone retries or drops it. */
  setAside(id: number, reason: string): void;
  backoff(): Backoff;
  saveBackoff(backoff: Backoff): void;
}
