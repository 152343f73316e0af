/** States of a service check, in Nagios' numbers. */
export type State = 0 | 1 | 2 | 3;

/** A passive check result, before it has a place in the queue. */
export interface CheckResult {
  /** When what it tells happened, milliseconds since 1970. */
  readonly at: number;
  /** Nagios' host_name and service_description. An empty service means a host check. */
  readonly host: string;
  readonly service: string;
  readonly state: State;
  readonly output: string;
}

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
  /** Why the monitor will not have it: it is set aside. Null while it waits. */
  readonly refused: string | null;
}

/** A result on its way into the queue. */
export interface NewResult extends CheckResult {
  readonly monitor: string;
  /** How many denials it tells of. */
  readonly denials: number;
  /** Results of the least value are dropped first. */
  readonly value: number;
}

/** What was dropped to keep the bounds. */
export interface Dropped {
  readonly results: number;
  readonly denials: number;
}

/** A monitor's backoff as it is kept: no try before `next` (ms since 1970). */
export interface Backoff {
  readonly failures: number;
  readonly next: number;
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
