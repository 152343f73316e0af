/** The entry `fold`: when refusals are alerts of their own, and when they are only counted. */
import type { Checker, Value } from '../config/checker.ts';
import { Section } from '../config/section.ts';

export interface FoldConfig {
  /** Milliseconds; 0 turns folding of repeats off. */
  readonly window: number;
  readonly maxWindow: number;
  /** Most open windows. */
  readonly keys: number;
  readonly scan: {
    /** How many daemons must refuse a client for a scan. */
    readonly daemons: number;
    readonly window: number;
    /** How many clients of one network a daemon must refuse for a scan; null: off. */
    readonly network: number | null;
    /** How many hosts must refuse a client for a sweep; null: off. */
    readonly hosts: number | null;
  } | null;
  readonly storm: { readonly alerts: number; readonly every: number } | null;
}

/**
 * @param at undefined where it is not configured
 * @param ofManyHosts whether the agent reports for many hosts
 */
export function readFold(
  checker: Checker,
  at: Value | undefined,
  ofManyHosts: boolean,
): FoldConfig {
  const keys = new Section(checker, at, ['window', 'maxWindow', 'keys', 'scan', 'storm']);
  const window = keys.duration('window', '1m', '0', '1d');
  const maxWindow = keys.duration('maxWindow', '1h', '1s', '7d');
  if (keys.has('maxWindow') && maxWindow < window)
    checker.problem(keys.get('maxWindow')!, "must not be shorter than 'window'");
  return {
    window,
    maxWindow: Math.max(maxWindow, window),
    keys: keys.whole('keys', 20_000, 100, 1_000_000),
    scan: readScan(checker, keys.get('scan'), ofManyHosts ? HOSTS : null),
    storm: readStorm(checker, keys.get('storm')),
  };
}

/** How many hosts must refuse a client for a sweep, where an agent reports for many hosts. */
const HOSTS = 5;

function readScan(
  checker: Checker,
  at: Value | undefined,
  hosts: number | null,
): FoldConfig['scan'] {
  if (at !== undefined && checker.isOff(at)) return null;
  const keys = new Section(checker, at, ['daemons', 'window', 'network', 'hosts']);
  return {
    daemons: keys.whole('daemons', 3, 2, 1000),
    window: keys.duration('window', '1m', '1s', '1d'),
    network: keys.readUnlessOff('network', (value) => checker.whole(value, 2, 100_000), null),
    hosts: keys.readUnlessOff('hosts', (value) => checker.whole(value, 2, 100_000), hosts),
  };
}

function readStorm(checker: Checker, at: Value | undefined): FoldConfig['storm'] {
  if (at !== undefined && checker.isOff(at)) return null;
  const keys = new Section(checker, at, ['alerts', 'every']);
  return {
    alerts: keys.whole('alerts', 60, 1, 1_000_000),
    every: keys.duration('every', '1m', '1s', '1d'),
  };
}
