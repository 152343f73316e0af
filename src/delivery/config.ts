/** The entry `pace`: how fast results are sent. */
import type { Checker, Value } from '../config/checker.ts';
import { Section } from '../config/section.ts';

export interface Pace {
  /** At most so many results … */
  readonly results: number;
  /** … each so many milliseconds. */
  readonly every: number;
}

/**
 * The defaults were measured with `nsca --daemon` 2.10.2 and Nagios 4.4.6: 50 results each 100 ms
 * all arrive, 100 each 100 ms lose some in a hundred: the daemon sleeps a second when it has nothing
 * to read, and what it then writes at once must fit Nagios' command pipe of 64 KiB.
 */
export function readPace(checker: Checker, at: Value | undefined): Pace {
  const keys = new Section(checker, at, ['results', 'every']);
  return {
    results: keys.whole('results', 50, 1, 10_000),
    every: keys.duration('every', '100ms', '0', '1h'),
  };
}
