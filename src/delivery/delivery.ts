/** Delivers what waits for one monitor: paced, in order, and again until it is known to be taken. */
import type { Logger } from 'pino';
import { pause } from '../host/pause.ts';
import { faultOf, MonitorError } from '../monitor/error.ts';
import type { Monitor } from '../monitor/monitor.ts';
import type { Outbox } from '../queue/outbox.ts';
import type { Backoff } from '../queue/result.ts';
import type { PaceConfig } from './config.ts';
import { QUEUE, watchFaults, type AnyFault, type Faults } from './faults.ts';
import { Ledger } from './ledger.ts';
import { retryDelay } from './retry.ts';
import { Sender } from './sender.ts';

const NO_BACKOFF: Backoff = { failures: 0, next: 0, kind: null, message: null };

export interface DeliveryOptions {
  /** Overrides the protocol's. Fewer are sent while the monitor is slow or sessions are cut. */
  readonly pace: PaceConfig;
  readonly log: Logger;
}

export interface DeliveryState {
  readonly connected: boolean;
  /** When a session last ended well, milliseconds since 1970; null: not since the start. */
  readonly lastDelivered: number | null;
  /** Null when the last session ended well. */
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
 * - *in session*: groups of at most the pace's size are sent, as long as results wait and the
 *   session's bounds allow. With nothing left the session is held open as long as the monitor needs
 *   for a verdict; a result that comes meanwhile goes out in the same session. After a failure a
 *   session carries a few results only; with the first good one what has waited too long becomes a
 *   digest. Then the session is finished. Each result that the monitor is known to have taken leaves
 *   the queue at once, the others when the session has ended well, which also resets the backoff.
 *   Any failure leaves what has no verdict where it is, and leads to *backing off*; where the group
 *   was too large, to a new session with half of it.
 * - *stopped*, from any of these.
 *
 * What the monitor took but the queue could not record (disk full) is a failure too, and is
 * recorded before anything else is sent.
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
  #waking = new AbortController();
  #backoff: Backoff;
  #connected = false;
  #lastDelivered: number | null = null;
  #sessions = 0;
  #settling: ((delivered: boolean) => void)[] = [];
  #ended: Promise<void> = Promise.resolve();

  constructor(monitor: Monitor, outbox: Outbox, { pace, log }: DeliveryOptions) {
    this.#monitor = monitor;
    this.#outbox = outbox;
    this.#log = log;
    this.#backoff = outbox.backoff();
    this.#faults = watchFaults(monitor.name, log, this.#backoff.failures > 0);
    this.#ledger = new Ledger(outbox, (results) => {
      this.#faults.delivered(results);
      this.#lastDelivered = Date.now();
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
    if (now) this.#backoff = { ...this.#backoff, next: 0 };
    this.#waking.abort();
  }

  /** Tries now, and resolves when nothing waits any more (true) or a try has failed (false). */
  settled(): Promise<boolean> {
    this.wake(true);
    return new Promise((resolve) => this.#settling.push(resolve));
  }

  /** Ends a session properly if it can be done in the time; what isn't known taken stays queued. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    this.#waking.abort();
    // Nothing is lost by leaving before anything was sent.
    if (!this.#connected) this.#aborting.abort();
    const timer = setTimeout(() => this.#aborting.abort(), graceMs);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Grows with each verdict and each end of a session: while it stands still nothing moves. */
  get progress(): number {
    return this.#sender.verdicts + this.#sessions;
  }

  state(): DeliveryState {
    const { failures, next, kind, message } = this.#backoff;
    return {
      connected: this.#connected,
      lastDelivered: this.#lastDelivered,
      lastError: kind === null ? null : { kind, message: message ?? '' },
      next: failures > 0 ? next : null,
    };
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        if (!(await this.#isDue())) continue;
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

  /** Waits until the delay after a failure is over; false where something else came first. */
  async #isDue(): Promise<boolean> {
    const { failures, next } = this.#backoff;
    const left = next - Date.now();
    if (left <= 0) return true;
    this.#settle(false);
    // The clock may have been set back: never wait for longer than was meant.
    return this.#sleep(Math.min(left, retryDelay(failures, 0)));
  }

  /** Until `wake` (false), or until the time has passed (true). */
  async #sleep(ms: number): Promise<boolean> {
    if (this.#stopping.signal.aborted) return false;
    const waking = new AbortController();
    this.#waking = waking;
    await pause(ms, waking.signal);
    return !waking.signal.aborted;
  }

  #settle(delivered: boolean): void {
    for (const resolve of this.#settling.splice(0)) resolve(delivered);
  }

  async #runSession(): Promise<void> {
    const session = await this.#monitor.open(this.#aborting.signal);
    this.#connected = true;
    try {
      this.#faults.clock(session.clockOffset);
      const trial = this.#backoff.failures > 0;
      if (!trial) this.#digest();
      await this.#sender.send(session, trial);
      await session.finish();
      this.#ledger.takeAll();
    } catch (error) {
      session.abort();
      throw error;
    } finally {
      this.#connected = false;
      this.#sessions++;
      this.#waking.abort();
      this.#ledger.record();
    }
    if (this.#backoff.failures > 0) this.#saveBackoff(NO_BACKOFF);
  }

  /** What waited too long is not worth a result each. The monitor is known to take results. */
  #digest(): void {
    const digested = this.#outbox.digest();
    if (digested === 0) return;
    const text = `${digested} alerts waited too long: they go in a digest`;
    this.#log.info({ monitor: this.#monitor.name }, text);
  }

  #fail(error: unknown): void {
    try {
      if (this.#recovered(error)) return this.#ledger.record();
      const { kind, message } = error instanceof MonitorError ? error : queueError(error);
      this.#faults.failed(kind, message);
      const failures = this.#backoff.failures + 1;
      const next = Date.now() + retryDelay(failures, Math.random());
      if (this.#ledger.open > 0) {
        this.#sender.cut();
        this.#outbox.failed(this.#ledger.giveUp());
      }
      this.#saveBackoff({ failures, next, kind, message });
    } catch (queueFault) {
      const { kind, message } = queueError(queueFault);
      this.#faults.failed(kind, message);
    }
  }

  /** Whether the next session can do without a delay what this one could not. */
  #recovered(error: unknown): boolean {
    if (!(error instanceof MonitorError) || faultOf(error.kind).remedy !== 'shrink') return false;
    return this.#sender.shrink(error.message);
  }

  #saveBackoff(state: Backoff): void {
    this.#backoff = state;
    this.#outbox.saveBackoff(state);
  }
}

function queueError(cause: unknown): { kind: AnyFault; message: string } {
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `the queue can't be used: ${why}; trying again: is its disk full?`;
  return { kind: QUEUE, message };
}
