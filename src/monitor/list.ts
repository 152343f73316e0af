/** The entries `monitors` and `deliver`. */
import type { Checker, Value } from '../config/checker.ts';
import type { Section } from '../config/section.ts';
import type { Surroundings } from '../config/surroundings.ts';
import { readMonitor, type MonitorConfig } from './kinds.ts';

export interface MonitorsConfig {
  readonly monitors: readonly MonitorConfig[];
  /** Whether each result is sent to all monitors, or to the first that takes it. */
  readonly deliver: 'all' | 'first';
}

/** The keys that `readMonitors` reads. */
export const MONITORS_KEYS = ['monitors', 'deliver'] as const;

const DELIVER = { all: 'all', first: 'first' } as const;

/**
 * Reads `monitors` and `deliver`; reports two monitors with one name.
 * @param top the whole configuration, or a part with these keys
 */
export function readMonitors(top: Section, around: Surroundings): MonitorsConfig {
  const at = top.get('monitors');
  // If all lines under the key are comments, there are none.
  const given = at?.node === null ? undefined : at;
  return {
    monitors: given === undefined ? [] : readEach(top.checker, given, around),
    deliver: top.choice<MonitorsConfig['deliver']>('deliver', DELIVER, 'all'),
  };
}

function readEach(checker: Checker, at: Value, around: Surroundings): MonitorConfig[] {
  const monitors = checker.items(at).flatMap((item) => readMonitor(checker, item, around) ?? []);
  const names = monitors.map(({ name }) => name);
  checker.distinct(at, names, 'monitor');
  return monitors;
}
