/** States of a service check, in Nagios' numbers. */
export type State = 0 | 1 | 2 | 3;

/** A passive check result, before it has a place in the queue. */
export interface CheckResult {
  /** When the reported event happened, milliseconds since 1970. */
  readonly at: number;
  /** Nagios' host_name and service_description. An empty service means a host check. */
  readonly host: string;
  readonly service: string;
  readonly state: State;
  readonly output: string;
}

/** A check result, with its value when there is not enough room for all. */
export interface WeighedResult extends CheckResult {
  /**
   * The beginning of the output: its subject, without counts, so that results about one subject can
   * be added up. Where it is missing, the subject is the whole output.
   */
  readonly subject?: string;
  /** How many denials it reports. */
  readonly denials: number;
  /** Results of the lowest value are dropped first. */
  readonly value: number;
}
