/** The properties of a monitor's protocol. The stages above use these and nothing else. */
import type { CheckResult } from '../result/check-result.ts';

/** How fast results are sent. */
export interface Pace {
  /** At most this many results … */
  readonly results: number;
  /** … in this many milliseconds; 0: as fast as the monitor answers. */
  readonly every: number;
}

/** Longest texts that the protocol can carry, in bytes of UTF-8. */
export interface Limits {
  readonly host: number;
  readonly service: number;
  /** Output, with backslashes and newlines escaped. Longer ones are cut by `outputOf`. */
  readonly output: number;
  /** The whole external command for Nagios; Infinity where there is none. */
  readonly command: number;
}

export interface Protocol {
  readonly limits: Limits;
  /** Most results of one `send`; Infinity where it makes no difference. */
  readonly batch: number;
  /**
   * When a result is known to be taken. `each`: `send` reports it, one by one. `session`: only
   * `finish` reports it, for all results of the session that were not refused individually.
   */
  readonly acknowledges: 'each' | 'session';
  /**
   * What that proves, for display: follows "delivered means that", such as `the daemon has read
   * it`.
   */
  readonly proof: string;
  /** The default pace. */
  readonly pace: Pace;
  /** How many results this one counts as in the pace, at least 1: a long one may count as more. */
  weight(this: void, result: CheckResult): number;
}
