import type { QueueConfig } from './config.ts';
import type { Queue } from './queue.ts';
import type { Backoff, Result } from './result.ts';

/** What a delivery sees of the queue: the results waiting for one monitor. All synchronous. */
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

/** One monitor's part of the queue. */
export function outbox(
  queue: Queue,
  monitor: string,
  { order, digestAfter }: Pick<QueueConfig, 'order' | 'digestAfter'>,
): Outbox {
  return {
    waiting: (after, limit) => queue.waiting(monitor, after, limit, order),
    digest: () => (digestAfter === null ? 0 : queue.digest(monitor, digestAfter)),
    delivered: (ids) => queue.delivered(monitor, ids),
    failed: (ids) => queue.failed(ids),
    setAside: (id, reason) => queue.setAside(id, reason),
    backoff: () => queue.backoff(monitor),
    saveBackoff: (state) => queue.saveBackoff(monitor, state),
  };
}
