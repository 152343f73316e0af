/** The keys of a `nagios:` monitor: a Nagios or Naemon on this machine. */
import { resolve } from 'node:path';
import type { DraftEntry, MonitorEntry, MonitorSettings } from '../kind.ts';

export interface NagiosSettings extends MonitorSettings {
  readonly kind: 'nagios';
  /** Its spool directory (check_result_path) or its command pipe (command_file). */
  readonly path: string;
  /** Path of its nagios.cfg; null: the usual places of distributions. */
  readonly config: string | null;
  /** How long Nagios may take to read a file, or to empty a full pipe, ms. */
  readonly timeout: number;
}

export const KEYS = ['name', 'nagiosConfig', 'timeout'];
export const PATH = 'the path of its spool directory or command pipe';

/** A relative path is relative to the directory of the configuration file. */
export function readNagios({ place, keys, around }: MonitorEntry): NagiosSettings {
  const { checker } = keys;
  const path = resolve(around.directory, checker.text(place));
  return {
    kind: 'nagios',
    name: keys.read('name', (at) => checker.text(at, 255), path),
    path,
    config: keys.read('nagiosConfig', (at) => resolve(around.directory, checker.text(at)), null),
    timeout: keys.duration('timeout', '30s', '1s', '5m'),
  };
}

/** The path of a directory or a pipe. */
export function draftNagios(address: string): DraftEntry | null {
  return address.startsWith('/') ? { place: address, keys: [] } : null;
}
