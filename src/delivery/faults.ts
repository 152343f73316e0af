/**
 * Says what is wrong with a monitor, and when it is over: each kind of fault once while the
 * trouble lasts, however often delivery is tried.
 */
import type { Logger } from 'pino';
import { CLOCK_TOLERANCE } from '../monitor/clock.ts';

/** The kind of a fault that is not the monitor's. */
export const QUEUE = 'queue';

export interface Faults {
  /** A session failed. */
  failed(kind: string, message: string): void;
  /** The monitor refused a result for itself. */
  setAside(reason: string): void;
  /** A session was good and carried so many results. */
  delivered(count: number): void;
  /** Nothing waits any more. */
  drained(): void;
  /** Seconds that the monitor's clock is ahead of ours; null where unknown. */
  clock(offset: number | null): void;
}

/** @param troubled whether the agent was stopped while the monitor took nothing */
export function watchFaults(monitor: string, log: Logger, troubled: boolean): Faults {
  let trouble = troubled ? newTrouble() : null;
  let lastReason = '';
  let clockIsOff = false;

  return {
    failed(kind, message) {
      trouble ??= newTrouble();
      if (trouble.kinds.has(kind)) return;
      trouble.kinds.add(kind);
      const sentence = /[.?!]$/.test(message) ? message : `${message}.`;
      const waits = kind === QUEUE ? '' : ' Results wait in the queue until it takes them';
      log.warn({ monitor, kind }, `${sentence}${waits}`);
    },
    setAside(reason) {
      if (reason === lastReason) return;
      lastReason = reason;
      const text = `refuses a result for itself: ${reason}. Such are set aside: denywatch queue list`;
      log.warn({ monitor }, text);
    },
    delivered(count) {
      if (trouble !== null) trouble.delivered += count;
    },
    drained() {
      // Nothing may wait because it was all dropped or set aside: that is no recovery.
      if (trouble === null || trouble.delivered === 0) return;
      const { since, delivered } = trouble;
      trouble = null;
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

function newTrouble() {
  return { since: Date.now(), kinds: new Set<string>(), delivered: 0 };
}

function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
