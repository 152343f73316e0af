import type { CheckResult, WeighedResult } from '../result/check-result.ts';

/** A check result waiting in the queue for one monitor. */
export interface Result extends CheckResult {
  /** Grows with each result. */
  readonly id: number;
  /** Its place in the order of delivery. */
  readonly place: number;
  /** How often a session that carried it failed. */
  readonly attempts: number;
}

/** A result as `queue list` shows it. */
export interface ListedResult extends Omit<Result, 'place'> {
  readonly monitor: string;
  /** Why the monitor refused it, so that it is set aside. Null while it waits. */
  readonly refused: string | null;
}

/** A result to be put in the queue. */
export interface NewResult extends WeighedResult {
  readonly monitor: string;
}

/** What was dropped to keep the bounds. */
export interface Dropped {
  readonly results: number;
  readonly denials: number;
}

/** Kept across restarts, so that an agent started in a loop doesn't hammer a monitor. */
export interface Backoff {
  /** Sessions that failed since the last good one. */
  readonly failures: number;
  /** When to try next, milliseconds since 1970. */
  readonly next: number;
  /** Kind of the last MonitorError; null if the last session succeeded. */
  readonly kind: string | null;
  readonly message: string | null;
}

/** A monitor in the queue file. */
export interface MonitorRow extends Backoff {
  readonly name: string;
  readonly delivered: number;
  readonly last: number | null;
  readonly waiting: number;
  readonly setAside: number;
  /** When the oldest waiting result was queued, ms since 1970. */
  readonly oldest: number | null;
}
