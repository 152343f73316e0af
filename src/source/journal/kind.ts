import type { SourceKind } from '../kind.ts';
import { KEYS, readJournal, streamOf, type JournalSettings } from './config.ts';
import { openJournalSource } from './journal.ts';
import { recordsBefore } from './extent.ts';
import { barredJournal, lookAtJournal } from './look.ts';

export const journal: SourceKind<JournalSettings> = {
  key: 'journal',
  keys: KEYS,
  read: readJournal,
  open: openJournalSource,
  stream: streamOf,
  describe: (settings) => `the ${streamOf(settings)}`,
  look: lookAtJournal,
  barred: barredJournal,
  owns: (settings, stream) => streamOf(settings) === stream,
  before: recordsBefore,
  // It holds what syslog's files hold.
  reads: ({ units, identifiers, directory, namespace }) =>
    units.length === 0 && identifiers.length === 0 && directory === null && namespace === null,
};
