/** Logs what was dropped to keep the bounds of the queue, whichever process dropped it. */
import type { Logger } from 'pino';
import { limitWarnings, type LimitedWarning } from '../host/limited-warnings.ts';
import type { Queue } from './queue.ts';

/** A warning for each total of dropped rows. */
const WARNINGS: Readonly<Record<string, string>> = {
  droppedResults:
    'the queue is full, and the least important results were dropped; fix the monitor, or raise the limits under queue',
  droppedSetAside:
    'too many results are set aside, and the oldest were dropped; retry or drop them (denywatch queue), or raise queue.size',
  droppedInbox:
    'too many denials of denywatch denied waited for the agent, and the oldest were dropped; raise queue.size',
  droppedWindows:
    'open windows had no room in the queue, and were dropped: what they had counted is not reported after a restart; raise queue.size',
};

export class DropWatch {
  readonly #queue: Queue;
  readonly #warn: LimitedWarning;
  #seen: Readonly<Record<string, number>>;

  constructor(queue: Queue, log: Logger) {
    this.#queue = queue;
    this.#warn = limitWarnings(log);
    this.#seen = queue.overview.totals();
  }

  /** To be called when the queue has changed. Never throws. */
  look(): void {
    try {
      const totals = this.#queue.overview.totals();
      for (const [total, text] of Object.entries(WARNINGS)) {
        const count = (totals[total] ?? 0) - (this.#seen[total] ?? 0);
        if (count > 0) this.#warn(total, text, { count });
      }
      this.#seen = totals;
    } catch {
      // It cannot be read now: the part that needs it logs that, and the next call finds the rest.
    }
  }
}
