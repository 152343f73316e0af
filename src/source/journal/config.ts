/** The keys of a `journal:` source. */
import { isAbsolute, resolve } from 'node:path';
import { Section } from '../../config/section.ts';
import { FROM, type From } from '../from.ts';
import type { SourceEntry, SourceSettings } from '../kind.ts';

/** Whose entries are read: this machine's, or those of all that the journal has. */
export type Machine = 'own' | 'all';

const MACHINES: Readonly<Record<string, Machine>> = { own: 'own', all: 'all' };

export interface JournalSettings extends SourceSettings {
  readonly kind: 'journal';
  readonly from: From;
  /** Restrict the journal to these syslog identifiers or systemd units; empty: all. */
  readonly identifiers: readonly string[];
  readonly units: readonly string[];
  /** Absolute path of a directory with journal files that were copied or received; null: this machine's. */
  readonly directory: string | null;
  /** journalctl's --namespace, null for the default one. */
  readonly namespace: string | null;
  readonly machine: Machine;
}

export const KEYS = ['from', 'relays'];

/** One source. A copied or received journal is read for all machines by default. */
export function readJournal({ place, keys, directory: base }: SourceEntry): JournalSettings[] {
  const { checker } = keys;
  const from = keys.choice<From>('from', FROM, null);
  const relays = keys.list('relays', (item) => checker.text(item, 255));
  const known = ['units', 'identifiers', 'directory', 'namespace', 'machine'];
  const own = new Section(checker, place, known);
  const words = (key: string) => own.list(key, (item) => checker.text(item, 255));
  const directory = own.read('directory', (at) => absolute(checker.text(at), base), null);
  const namespace = own.read('namespace', (at) => checker.text(at, 255), null);
  if (directory !== null && namespace !== null)
    checker.problem(place, "has both 'directory' and 'namespace': keep one of them");
  // A journal that was copied or received belongs to another machine.
  const machine = own.choice<Machine>('machine', MACHINES, directory === null ? 'own' : 'all');
  const units = words('units');
  const identifiers = words('identifiers');
  return [{ kind: 'journal', from, relays, units, identifiers, directory, namespace, machine }];
}

function absolute(path: string, base: string): string {
  return isAbsolute(path) ? path : resolve(base, path);
}

/** Key of the position, and the name that `status` shows. */
export function streamOf({ directory, namespace }: JournalSettings): string {
  if (directory !== null) return `journal in ${directory}`;
  return namespace === null ? 'journal' : `journal namespace ${namespace}`;
}
