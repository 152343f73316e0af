/** The keys of a `journal:` source. */
import { Section } from '../../config/section.ts';
import { FROM, type From } from '../from.ts';
import type { SourceEntry, SourceSettings } from '../kind.ts';

export interface JournalSettings extends SourceSettings {
  readonly kind: 'journal';
  readonly from: From;
  /** Narrow the journal to these syslog identifiers or systemd units; empty: all. */
  readonly identifiers: readonly string[];
  readonly units: readonly string[];
}

export const KEYS = ['from'];

export function readJournal({ place, keys }: SourceEntry): JournalSettings[] {
  const { checker } = keys;
  const from = keys.choice<From>('from', FROM, null);
  const own = new Section(checker, place, ['units', 'identifiers']);
  const words = (key: string) => own.list(key, (item) => checker.text(item, 255));
  return [{ kind: 'journal', from, units: words('units'), identifiers: words('identifiers') }];
}
