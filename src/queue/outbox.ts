import type { Config } from '../config/config.ts';
import type { Outbox } from '../monitor/outbox.ts';
import type { Queue } from './queue.ts';

/** One monitor's part of the queue. */
export function outbox(
  queue: Queue,
  monitor: string,
  { order, digestAfter }: Pick<Config['queue'], 'order' | 'digestAfter'>,
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
