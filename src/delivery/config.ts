/** The entry `pace`: how fast results are sent. */
import type { Checker, Value } from '../config/checker.ts';
import { Section } from '../config/section.ts';
import type { Pace } from '../monitor/protocol.ts';

/** The configured pace; null: the default of the monitor's protocol. */
export interface PaceConfig {
  readonly results: number | null;
  /** ms */
  readonly every: number | null;
}

/** Reads `pace`. @param at undefined if the configuration has none */
export function readPace(checker: Checker, at: Value | undefined): PaceConfig {
  const keys = new Section(checker, at, ['results', 'every']);
  return {
    results: keys.read('results', (value) => checker.whole(value, 1, 10_000), null),
    every: keys.read('every', (value) => checker.duration(value, '0', '1h'), null),
  };
}

/** The pace of a monitor: what is configured, and its protocol's for the rest. */
export function paceOf({ results, every }: PaceConfig, own: Pace): Pace {
  return { results: results ?? own.results, every: every ?? own.every };
}
