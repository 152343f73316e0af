import type { SourceKind } from '../kind.ts';
import { KEYS, readJournal, type JournalSettings } from './config.ts';
import { openJournalSource } from './journal.ts';
import { STREAM } from './reader.ts';

export const journal: SourceKind<JournalSettings> = {
  key: 'journal',
  keys: KEYS,
  read: readJournal,
  open: openJournalSource,
  stream: () => STREAM,
  describe: () => 'the journal',
  // It has what syslog's files have.
  reads: ({ units, identifiers }) => units.length === 0 && identifiers.length === 0,
};
