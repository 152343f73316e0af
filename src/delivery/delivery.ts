/** Delivers what waits for one monitor: paced, in order, and again until it is known to be taken. */
import type { Logger } from 'pino';
import type { Result } from '../queue/result.ts';
import { QUEUE, watchFaults } from './faults.ts';
import { FAULTS, MonitorError } from '../monitor/error.ts';
import type { Monitor, Session, Verdict } from '../monitor/monitor.ts';
import type { Protocol } from '../monitor/protocol.ts';
import { paceOf, type PaceConfig } from './config.ts';
import type { Backoff } from '../queue/result.ts';
import type { Outbox } from '../queue/outbox.ts';
import { half, nextSize } from './pace.ts';
import { pause } from '../host/pause.ts';
import { retryDelay } from './retry.ts';

/** Bounds of one session, groups and ms: all of it is sent again when it is cut. */
const SESSION_GROUPS = 20;
const SESSION_TIME = 10_000;
/**
 * Results in a session after one that failed: nothing is known of the monitor but that it answers.
 * Of two that NSCA's daemon took it shows that at once, of one only seconds later.
 */
const TRIAL_RESULTS = 2;

/**
 * So many single results in a row may be set aside because the monitor takes nothing of them. When
 * there are more it is the monitor that is at fault, not the results.
 */
const ASIDE = 10;

/** A group that takes longer to write than this and than the pause after it is too large, ms. */
const SLOW = 100;

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

export interface Delivery {
  /** New results may wait. With `now`, a delay after failures ends too (a new configuration). */
  wake(now?: boolean): void;
  /** Tries now, and resolves when nothing waits any more (true) or a try has failed (false). */
  settled(): Promise<boolean>;
  /** Ends a session properly if it can be done in the time; what isn't known taken stays queued. */
  stop(graceMs: number): Promise<void>;
  state(): DeliveryState;
}

/**
 * Starts delivering to a monitor. It is always in one of these states:
 *
 * - *idle*: nothing waits. No timer runs; `wake` ends it.
 * - *backing off*: something waits, and the last session failed. Ends when the delay has passed or
 *   at `wake(true)`; new results change nothing.
 * - *in session*: groups of at most `results` are sent, one each `every` ms, as long as results
 *   wait and the session's bounds allow. With nothing left the session is held open as long as the
 *   monitor needs for a verdict; a result that comes meanwhile goes out in the same session.
 *   After a failure a session carries a few results only; with the first good one what has waited
 *   too long becomes a digest. Then the session is finished. A good verdict takes its results out
 *   of the queue, and resets the backoff; any failure leaves them where they are, and leads to
 *   *backing off*.
 * - *stopped*, from any of these.
 *
 * What the monitor took but the queue could not record (disk full) is a failure too, and is
 * recorded before anything else is sent.
 */
export function startDelivery(
  monitor: Monitor,
  outbox: Outbox,
  { pace, log }: DeliveryOptions,
): Delivery {
  const stopping = new AbortController();
  const aborting = new AbortController();
  let waking = new AbortController();
  let backoff = outbox.backoff();
  const faults = watchFaults(monitor.name, log, backoff.failures > 0);
  let connected = false;
  let lastDelivered: number | null = null;
  let lastGroup = 0;
  /** Results of the next group: at most the pace's. */
  let size = Infinity;
  /** Single results in a row that were set aside because the monitor took nothing of them. */
  let aside = 0;
  /** Sent in this session, without a verdict yet. */
  let sent: number[] = [];
  /** Taken by the monitor or refused for themselves, but not recorded yet. */
  let taken: number[] = [];
  let refused: { id: number; reason: string }[] = [];
  const settling: ((delivered: boolean) => void)[] = [];

  /** Until `wake` (false), or until the time has passed (true). */
  async function sleep(ms: number): Promise<boolean> {
    if (stopping.signal.aborted) return false;
    waking = new AbortController();
    await pause(ms, waking.signal);
    return !waking.signal.aborted;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        if (!(await isDue())) continue;
        record();
        if (outbox.waiting(-Infinity, 1).length > 0) await runSession();
        else {
          faults.drained();
          settle(true);
          await sleep(Infinity);
        }
      } catch (error) {
        if (!aborting.signal.aborted) fail(error);
      }
    }
  }

  /** Waits until the delay after a failure is over; false where something else came first. */
  async function isDue(): Promise<boolean> {
    const left = backoff.next - Date.now();
    if (left <= 0) return true;
    settle(false);
    // The clock may have been set back: never wait for longer than was meant.
    return sleep(Math.min(left, retryDelay(backoff.failures, 0)));
  }

  function settle(delivered: boolean): void {
    for (const resolve of settling.splice(0)) resolve(delivered);
  }

  async function runSession(): Promise<void> {
    const session = await monitor.open(aborting.signal);
    connected = true;
    sent = [];
    try {
      faults.clock(session.clockOffset);
      const trial = backoff.failures > 0;
      if (!trial) digest();
      await sendWaiting(session, trial);
      await session.finish();
    } catch (error) {
      session.abort();
      throw error;
    } finally {
      connected = false;
    }
    taken.push(...sent);
    sent = [];
    record();
    if (backoff.failures > 0) saveBackoff(NO_BACKOFF);
  }

  /** What waited too long is not worth a result each. The monitor is known to take results. */
  function digest(): void {
    const digested = outbox.digest();
    if (digested === 0) return;
    log.info({ monitor: monitor.name }, `${digested} alerts waited too long: they go in a digest`);
  }

  /** Sends until nothing waits or the session's bounds are reached. */
  async function sendWaiting(session: Session, trial: boolean): Promise<void> {
    const { results, every } = paceOf(pace, session.protocol.pace);
    const most = trial ? TRIAL_RESULTS : SESSION_GROUPS * results;
    const began = Date.now();
    let last = -Infinity;
    let count = 0;
    while (!stopping.signal.aborted) {
      if (count >= most || Date.now() - began >= SESSION_TIME) return;
      if (outbox.waiting(last, 1).length === 0) {
        const hold = session.holdFor();
        if (hold <= 0) return;
        await Promise.race([sleep(hold), session.failed]).finally(() => waking.abort());
        continue;
      }
      const early = Math.min(lastGroup + every - Date.now(), every);
      if (early > 0) await pause(early, stopping.signal);
      size = Math.min(size, results);
      const limit = Math.min(size, most - count, session.protocol.batch);
      const group = upTo(size, outbox.waiting(last, limit), session.protocol);
      last = group.at(-1)?.place ?? last;
      count += group.length;
      await sendGroup(session, group);
      // Where each result is answered, a long way to the monitor makes a long time of any group; and
      // without a pause between groups the connection alone paces.
      const unhurried = session.protocol.acknowledges === 'each' || every === 0;
      const inTime = unhurried || Date.now() - lastGroup <= Math.max(every, SLOW);
      size = nextSize(size, results, inTime);
    }
  }

  async function sendGroup(session: Session, group: Result[]): Promise<void> {
    lastGroup = Date.now();
    sent.push(...group.map(({ id }) => id));
    await session.send(group, judge);
    record();
  }

  function judge({ id }: Result, verdict: Verdict): void {
    sent = sent.filter((other) => other !== id);
    if (verdict.kind === 'taken') taken.push(id);
    else {
      refused.push({ id, reason: verdict.reason });
      faults.setAside(verdict.reason);
    }
  }

  /** Brings the queue up to what the monitor took and refused. */
  function record(): void {
    for (; refused.length > 0; refused.shift()) outbox.setAside(refused[0]!.id, refused[0]!.reason);
    if (taken.length === 0) return;
    outbox.delivered(taken);
    faults.delivered(taken.length);
    lastDelivered = Date.now();
    taken = [];
    aside = 0;
  }

  function fail(error: unknown): void {
    const failures = backoff.failures + 1;
    const next = Date.now() + retryDelay(failures, Math.random());
    const { kind, message } = error instanceof MonitorError ? error : queueError(error);
    try {
      if (error instanceof MonitorError && FAULTS[error.kind] === 'shrink' && shrink(message))
        return;
      faults.failed(kind, message);
      if (sent.length > 0) {
        size = half(size);
        outbox.failed(sent.splice(0));
      }
      saveBackoff({ failures, next, kind, message });
    } catch (queueFault) {
      const second = queueError(queueFault);
      faults.failed(second.kind, second.message);
    }
  }

  /** Half as many the next time; a single one is set aside. False where that cannot help. */
  function shrink(reason: string): boolean {
    const [only] = sent;
    if (only === undefined || (sent.length === 1 && aside >= ASIDE)) return false;
    if (sent.length === 1) {
      aside++;
      refused.push({ id: only, reason });
      faults.setAside(reason);
    }
    size = half(sent.length);
    sent = [];
    record();
    return true;
  }

  function saveBackoff(state: Backoff): void {
    backoff = state;
    outbox.saveBackoff(state);
  }

  function wake(now = false): void {
    if (now) backoff = { ...backoff, next: 0 };
    waking.abort();
  }

  const ended = run();
  return {
    wake,
    settled() {
      wake(true);
      return new Promise((resolve) => settling.push(resolve));
    },
    async stop(graceMs) {
      stopping.abort();
      waking.abort();
      // Nothing is lost by leaving before anything was sent.
      if (!connected) aborting.abort();
      const timer = setTimeout(() => aborting.abort(), graceMs);
      await ended;
      clearTimeout(timer);
    },
    state: () => ({
      connected,
      lastDelivered,
      lastError:
        backoff.kind === null ? null : { kind: backoff.kind, message: backoff.message ?? '' },
      next: backoff.failures > 0 ? backoff.next : null,
    }),
  };
}

/** As many of the results as count for `limit`, at least one. */
function upTo(limit: number, group: Result[], { weight }: Protocol): Result[] {
  let count = 0;
  const end = group.findIndex((result) => {
    count += weight(result);
    return count > limit;
  });
  return end === -1 ? group : group.slice(0, Math.max(1, end));
}

function queueError(cause: unknown): { kind: string; message: string } {
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `the queue can't be used: ${why}; trying again: is its disk full?`;
  return { kind: QUEUE, message };
}
