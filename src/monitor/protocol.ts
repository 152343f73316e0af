/** What a monitor's protocol states of itself. The stages above ask it and nothing else. */
import type { CheckResult } from '../result/check-result.ts';

/** How fast results are sent. */
export interface Pace {
  /** At most so many results … */
  readonly results: number;
  /** … each so many milliseconds; 0: as fast as the monitor answers. */
  readonly every: number;
}

/** Longest texts that the protocol can carry, in bytes of UTF-8. */
export interface Limits {
  readonly host: number;
  readonly service: number;
  /** Output, with backslashes and newlines escaped. Longer ones are cut by `outputOf`. */
  readonly output: number;
  /** The whole external command that Nagios is given; Infinity where there is none. */
  readonly command: number;
}

export interface Protocol {
  readonly limits: Limits;
  /** Most results that one `send` may be given; Infinity where it makes no difference. */
  readonly batch: number;
  /**
   * When a result is known to be taken. `each`: `send` reports it, one by one. `session`: only
   * `finish` tells, for all that were sent in the session and not refused by themselves.
   */
  readonly acknowledges: 'each' | 'session';
  /** What that shows, for people: follows "delivered means that", as `the daemon has read it`. */
  readonly proof: string;
  /**
   * In which order results reach the monitor's core: all as sent, those of each service as sent, or
   * any, because the receiver sorts them anew.
   */
  readonly order: 'sent' | 'service' | 'any';
  /** The pace where the configuration has none. */
  readonly pace: Pace;
  /** How many results this one counts for in the pace, at least 1: a long one may count for more. */
  weight(this: void, result: CheckResult): number;
}
