import type { Outbox } from '../monitor/outbox.ts';
import type { Queue } from './queue.ts';

/** One monitor's part of the queue. */
export function outbox(queue: Queue, monitor: string): Outbox {
  return {
    waiting: (after, limit) => queue.waiting(monitor, after, limit),
    delivered: (ids) => queue.delivered(monitor, ids),
    failed: (ids) => queue.failed(ids),
    setAside: (id, reason) => queue.setAside(id, reason),
    backoff: () => queue.backoff(monitor),
    saveBackoff: (state) => queue.saveBackoff(monitor, state),
  };
}
