/**
 * Logs what is wrong with a monitor, and when it is over: each kind of fault once while it lasts,
 * however often delivery is tried.
 */
import type { Logger } from 'pino';
import { CLOCK_TOLERANCE } from '../monitor/clock.ts';
import { faultOf, type FaultKind } from '../monitor/error.ts';
import { span } from '../text/amounts.ts';

/** The kind of a fault that is not the monitor's. */
export const QUEUE = 'queue';

export type AnyFault = FaultKind | typeof QUEUE;

/** Most reasons for refused results that are remembered: most contain the name of a host. */
const REASONS = 1000;

export interface Faults {
  /** A session failed. */
  failed(kind: AnyFault, message: string): void;
  /** The monitor refused a single result. A reason is logged unless it is among the last ones. */
  setAside(reason: string): void;
  /** A session succeeded and carried this many results. */
  delivered(count: number): void;
  /** No result waits any more. */
  drained(): void;
  /** How far the monitor's clock is ahead of ours, in seconds; null if unknown. */
  clock(offset: number | null): void;
}

/**
 * Watches the faults of a monitor, and logs them.
 * @param troubled whether the monitor took no results when the agent was stopped
 */
export function watchFaults(monitor: string, log: Logger, troubled: boolean): Faults {
  let trouble: Trouble | null = troubled ? newTrouble(true) : null;
  /** The last one is at the end. */
  const reasons = new Set<string>();
  let clockIsOff = false;

  return {
    failed(kind, message) {
      trouble ??= newTrouble(false);
      const again = trouble.last === kind;
      trouble.last = kind;
      if (kind !== QUEUE && faultOf(kind).open === true && !again) return;
      if (trouble.kinds.has(kind)) return;
      trouble.logged = true;
      trouble.kinds.add(kind);
      const sentence = /[.?!]$/.test(message) ? message : `${message}.`;
      const waits = kind === QUEUE ? '' : ' Results wait in the queue until it takes them';
      log.warn({ monitor, kind }, `${sentence}${waits}`);
    },
    setAside(reason) {
      const isKnown = reasons.delete(reason);
      reasons.add(reason);
      if (isKnown) return;
      if (reasons.size > REASONS)
        for (const oldest of reasons.keys().take(1)) reasons.delete(oldest);
      const text = `refuses a result: ${reason}. Refused results are set aside: denywatch queue list`;
      log.warn({ monitor }, text);
    },
    delivered(count) {
      if (trouble !== null) trouble.delivered += count;
    },
    drained() {
      // The queue may be empty because everything was dropped or set aside: that is no recovery.
      if (trouble === null || trouble.delivered === 0) return;
      const { since, delivered, logged } = trouble;
      trouble = null;
      if (!logged) return;
      const time = span(Math.max(0, Date.now() - since));
      log.info({ monitor }, `takes results again after ${time}; all ${delivered} are delivered`);
    },
    clock(offset) {
      if (offset === null) return;
      const off = Math.abs(offset) > CLOCK_TOLERANCE;
      if (off === clockIsOff) return;
      clockIsOff = off;
      if (off) {
        const where = offset > 0 ? 'ahead of' : 'behind';
        const text = `its clock is ${Math.abs(offset)} s ${where} ours: set both by NTP`;
        log.warn({ monitor, kind: 'clock' }, text);
      } else log.info({ monitor }, 'its clock agrees with ours again');
    },
  };
}

interface Trouble {
  readonly since: number;
  /** The kinds that were logged. */
  readonly kinds: Set<AnyFault>;
  /** The kind of the last failure. */
  last: AnyFault | null;
  /** Whether any of it was logged, including before a restart. */
  logged: boolean;
  /** Results delivered since. */
  delivered: number;
}

function newTrouble(logged: boolean): Trouble {
  return { since: Date.now(), kinds: new Set(), last: null, logged, delivered: 0 };
}
