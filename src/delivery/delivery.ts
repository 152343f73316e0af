/** Delivers the results that wait for one monitor: paced, in order, again until it took them. */
import type { Logger } from 'pino';
import { faultOf, MonitorError } from '../monitor/error.ts';
import type { Monitor } from '../monitor/monitor.ts';
import type { Outbox } from '../queue/outbox.ts';
import type { PaceConfig } from './config.ts';
import { QUEUE, watchFaults, type AnyFault, type Faults } from './faults.ts';
import { Ledger } from './ledger.ts';
import { CLOCK, Recovery, type Clock } from './recovery.ts';
import { Sender } from './sender.ts';
import { counted } from '../text/amounts.ts';
import { reasonWithPath } from '../text/reason.ts';

export interface DeliveryOptions {
  /** Overrides the protocol's. Groups are smaller while the monitor is slow or cuts sessions. */
  readonly pace: PaceConfig;
  readonly log: Logger;
  /** For the time of sessions; the computer's unless given. */
  readonly clock?: Clock;
}

export interface DeliveryState {
  readonly connected: boolean;
  /** When a session last succeeded, milliseconds since 1970; null: not since the start. */
  readonly lastDelivered: number | null;
  /** Null if the last session succeeded. */
  readonly lastError: { readonly kind: string; readonly message: string } | null;
  /** When the next try after a failure is due, milliseconds since 1970. */
  readonly next: number | null;
}

/** Starts delivering to a monitor. */
export function startDelivery(
  monitor: Monitor,
  outbox: Outbox,
  options: DeliveryOptions,
): Delivery {
  const delivery = new Delivery(monitor, outbox, options);
  delivery.start();
  return delivery;
}

/**
 * The delivery to one monitor. It is always in one of these states:
 *
 * - *idle*: nothing waits. No timer runs; `wake` ends it.
 * - *backing off*: something waits, and the last session failed. Ends when the delay has passed or
 *   at `wake(true)`; new results change nothing.
 * - *returning*: something waits, and the monitor takes results again after several failures. Ends
 *   as above, or when somebody waits for the end (`settled`). See `Recovery`.
 * - *in session*: groups of at most the pace's size are sent while results wait and the session's
 *   bounds allow. When none is left, the session stays open until the monitor has given its
 *   verdicts; a result that arrives meanwhile is sent in the same session. After failures a session
 *   carries only a few results; with the first good one, results that waited too long become a
 *   digest. Then the session is finished. A result that the monitor is known to have taken leaves
 *   the queue at once, the others when the session succeeds; what is left leads to *returning*.
 *   Any failure leaves results without a verdict in the queue and leads to *backing off*, or, if
 *   the group was too large, to a new session with half of it.
 * - *stopped*, from any of these.
 *
 * If the monitor took results but the queue could not record it (disk full), that is a failure too;
 * it is recorded before anything else is sent.
 */
export class Delivery {
  readonly #monitor: Monitor;
  readonly #outbox: Outbox;
  readonly #log: Logger;
  readonly #faults: Faults;
  readonly #ledger: Ledger;
  readonly #sender: Sender;
  readonly #stopping = new AbortController();
  readonly #aborting = new AbortController();
  /** Ends the present sleep, if there is one. */
  #endSleep = (): void => {};
  readonly #recovery: Recovery;
  readonly #clock: Clock;
  #connected = false;
  /** When the last session began, ms since 1970. */
  #began = 0;
  #lastDelivered: number | null = null;
  #sessions = 0;
  #settling: ((delivered: boolean) => void)[] = [];
  #ended: Promise<void> = Promise.resolve();

  constructor(monitor: Monitor, outbox: Outbox, { pace, log, clock = CLOCK }: DeliveryOptions) {
    this.#monitor = monitor;
    this.#outbox = outbox;
    this.#log = log;
    this.#clock = clock;
    this.#recovery = new Recovery(outbox, clock);
    this.#faults = watchFaults(monitor.name, log, this.#recovery.state.failures > 0);
    this.#ledger = new Ledger(outbox, (results) => {
      this.#faults.delivered(results);
      this.#lastDelivered = clock.now();
    });
    this.#sender = new Sender({
      outbox,
      ledger: this.#ledger,
      faults: this.#faults,
      pace,
      stopping: this.#stopping.signal,
      sleep: async (ms) => void (await this.#sleep(ms)),
    });
  }

  start(): void {
    this.#ended = this.#run();
  }

  /** New results may wait. With `now`, a delay after failures ends too (a new configuration). */
  wake(now = false): void {
    if (now) this.#recovery.hurry();
    this.#endSleep();
  }

  /** Tries now, and resolves when nothing waits any more (true) or an attempt failed (false). */
  settled(): Promise<boolean> {
    this.wake(true);
    return new Promise((resolve) => this.#settling.push(resolve));
  }

  /** Ends a session properly if there is time; results not known to be taken stay queued. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    this.#endSleep();
    // Nothing was sent, so nothing is lost by leaving now.
    if (!this.#connected) this.#aborting.abort();
    const timer = setTimeout(() => this.#aborting.abort(), graceMs);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Grows with each verdict and each end of a session: if it does not grow, delivery is stuck. */
  get progress(): number {
    return this.#sender.verdicts + this.#sessions;
  }

  state(): DeliveryState {
    const { next, kind, message } = this.#recovery.state;
    return {
      connected: this.#connected,
      lastDelivered: this.#lastDelivered,
      lastError: kind === null ? null : { kind, message: message ?? '' },
      next: kind === null ? null : next,
    };
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        if (!(await this.#isDue())) continue;
        this.#began = this.#clock.now();
        this.#ledger.record();
        if (this.#outbox.waiting(-Infinity, 1).length > 0) await this.#runSession();
        else {
          this.#faults.drained();
          this.#settle(true);
          await this.#sleep(Infinity);
        }
      } catch (error) {
        if (!this.#aborting.signal.aborted) this.#fail(error);
      }
    }
  }

  /** Waits until the delay after failures is over; false if something else came first. */
  async #isDue(): Promise<boolean> {
    const { left, state } = this.#recovery;
    if (left <= 0) return true;
    if (state.kind !== null) this.#settle(false);
    else if (this.#settling.length > 0) return true;
    return this.#sleep(left);
  }

  /** Waits for `wake` (false), or until the time has passed (true). */
  #sleep(ms: number): Promise<boolean> {
    if (this.#stopping.signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = ms === Infinity ? undefined : setTimeout(resolve, ms, true);
      // Not a signal: an alert waits for this, and a signal takes 0.1 ms.
      this.#endSleep = () => {
        clearTimeout(timer);
        resolve(false);
      };
    });
  }

  #settle(delivered: boolean): void {
    for (const resolve of this.#settling.splice(0)) resolve(delivered);
  }

  async #runSession(): Promise<void> {
    let carried: number;
    const session = await this.#monitor.open(this.#aborting.signal);
    this.#connected = true;
    try {
      this.#faults.clock(session.clockOffset);
      if (this.#recovery.state.kind === null) this.#digest();
      carried = await this.#sender.send(session, this.#recovery.most);
      await session.finish();
      this.#ledger.takeAll();
    } catch (error) {
      session.abort();
      throw error;
    } finally {
      this.#connected = false;
      this.#sessions++;
      this.#endSleep();
      this.#ledger.record();
    }
    const more = this.#outbox.waiting(-Infinity, 1).length > 0;
    this.#recovery.succeeded(carried, this.#clock.now() - this.#began, more);
  }

  /** Puts results that waited too long in a digest, once the monitor is known to take results. */
  #digest(): void {
    const digested = this.#outbox.digest();
    if (digested === 0) return;
    const text = `sent in a digest because of their age: ${counted(digested, 'alert')}`;
    this.#log.info({ monitor: this.#monitor.name }, text);
  }

  #fail(error: unknown): void {
    try {
      if (this.#recovered(error)) return this.#ledger.record();
    } catch (queueFault) {
      // The next try records it before anything else.
      return this.#faults.failed(...faultIn(queueFault));
    }
    const [kind, message] = faultIn(error);
    this.#faults.failed(kind, message);
    if (this.#ledger.open > 0) {
      this.#sender.cut();
      const ids = this.#ledger.giveUp();
      this.#store(() => this.#outbox.failed(ids));
    }
    // Whatever could be stored: without a delay the monitor would be tried without end.
    this.#store(() => this.#recovery.failed(kind, message, this.#clock.now() - this.#began));
  }

  /** Stores something about a failure, or logs that the queue cannot be used. */
  #store(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#faults.failed(...faultIn(error));
    }
  }

  /** Whether the next session can succeed, without a delay, where this one failed. */
  #recovered(error: unknown): boolean {
    if (!(error instanceof MonitorError) || faultOf(error.kind).remedy !== 'shrink') return false;
    return this.#sender.shrink(error.message);
  }
}

/** The kind and the message of a failure: what does not come from the monitor comes from the queue. */
function faultIn(error: unknown): [kind: AnyFault, message: string] {
  if (error instanceof MonitorError) return [error.kind, error.message];
  return [
    QUEUE,
    `the queue can't be used: ${reasonWithPath(error)}; trying again: is its disk full?`,
  ];
}
