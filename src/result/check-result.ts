/** States of a service check, in Nagios' numbers. */
export type State = 0 | 1 | 2 | 3;

/** A passive check result, before it has a place in the queue. */
export interface CheckResult {
  /** When what it reports happened, milliseconds since 1970. */
  readonly at: number;
  /** Nagios' host_name and service_description. An empty service means a host check. */
  readonly host: string;
  readonly service: string;
  readonly state: State;
  readonly output: string;
}

/** A check result, with what it is worth when there is no room for all. */
export interface WeighedResult extends CheckResult {
  /**
   * The beginning of the output: what it is about, without counts, so that results of one subject
   * can be added up. Where it is missing, that is the whole output.
   */
  readonly subject?: string;
  /** How many denials it reports. */
  readonly denials: number;
  /** Results of the least value are dropped first. */
  readonly value: number;
}
