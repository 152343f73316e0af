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
  /** Grows with each result, so it gives the order of delivery. */
  readonly id: number;
  /** How often a session that carried it failed. */
  readonly attempts: number;
}
