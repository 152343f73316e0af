/** What a delivery remembers of the failures of its monitor: it is kept in the queue file. */
import type { Outbox } from '../queue/outbox.ts';
import type { Backoff } from '../queue/result.ts';
import { isPrompt, retryDelay, returnPause } from './retry.ts';

/**
 * Results in the first session after one that failed: all that is known of the monitor is that it
 * answers. NSCA's daemon shows at once that it took two results, but takes seconds to show it for
 * one.
 */
const FIRST = 2;

const NO_BACKOFF: Backoff = { failures: 0, next: 0, kind: null, message: null };

/** The time and random numbers; a test passes its own. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A number from 0 to 1. */
  readonly random: () => number;
}

export const CLOCK: Clock = { now: () => Date.now(), random: () => Math.random() };

/**
 * Each failure lengthens the delay before the next session. The first session after it carries two
 * results. Each one that the monitor takes promptly cancels one failure, and the next one may carry
 * twice as many, after a random pause. So a fleet does not return at once after an outage, and a
 * single failure delays nothing. A slow session cancels no failure, and the next one is no larger.
 * If a session fails after one that was taken, the monitor is only busy: the next one carries half
 * as many results. It waits for such a pause, counted from the beginning of the failed session, and
 * at least for a second from its end. When no result waits, or all failures are cancelled, nothing is
 * remembered.
 */
export class Recovery {
  readonly #outbox: Pick<Outbox, 'backoff' | 'saveBackoff'>;
  readonly #clock: Clock;
  #state: Backoff;
  #size = FIRST;

  constructor(outbox: Pick<Outbox, 'backoff' | 'saveBackoff'>, clock: Clock) {
    this.#outbox = outbox;
    this.#clock = clock;
    this.#state = outbox.backoff();
  }

  /** `kind` and `message` are null if the last session succeeded. */
  get state(): Backoff {
    return this.#state;
  }

  /** The most results of the next session; Infinity without failures. */
  get most(): number {
    return this.#state.failures > 0 ? this.#size : Infinity;
  }

  /** Milliseconds until the next session may begin: 0 or less if it may now. */
  get left(): number {
    const { failures, next } = this.#state;
    if (failures === 0) return 0;
    // The clock may have been set back: never wait longer than intended.
    return Math.min(next - this.#clock.now(), retryDelay(failures, 0));
  }

  /** Ends the delay. */
  hurry(): void {
    this.#state = { ...this.#state, next: 0 };
  }

  /**
   * A session failed, for this reason. Throws if that cannot be stored; it counts anyway.
   * @param took how long it was, ms: that counts as a part of the pause after it
   */
  failed(kind: string, message: string, took = 0): void {
    const random = this.#clock.random();
    const isBusy = this.#state.failures > 0 && this.#state.kind === null;
    const failures = isBusy ? this.#state.failures : this.#state.failures + 1;
    const delay = isBusy
      ? Math.max(retryDelay(1, 0), returnPause(failures, random) - Math.max(0, took))
      : retryDelay(failures, random);
    this.#size = isBusy ? Math.max(FIRST, this.#size / 2) : FIRST;
    this.#save({ failures, next: this.#clock.now() + delay, kind, message });
  }

  /**
   * A session succeeded.
   * @param results that it carried
   * @param took how long it was, ms
   * @param more whether results wait
   */
  succeeded(results: number, took: number, more: boolean): void {
    const { failures } = this.#state;
    if (failures === 0) return;
    const prompt = isPrompt(results, took);
    const left = prompt ? failures - 1 : failures;
    if (!more || left === 0) {
      this.#size = FIRST;
      return this.#save(NO_BACKOFF);
    }
    if (prompt) this.#size *= 2;
    const next = this.#clock.now() + returnPause(left, this.#clock.random());
    this.#save({ failures: left, next, kind: null, message: null });
  }

  #save(state: Backoff): void {
    this.#state = state;
    this.#outbox.saveBackoff(state);
  }
}
