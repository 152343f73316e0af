/** The kinds of sources, by configuration. */
import type { FileSourceConfig, JournalSourceConfig } from '../config/config.ts';
import { openFileSource } from './file.ts';
import { openJournalSource } from './journal.ts';
import type { Source, Taker } from './source.ts';

/** Starts reading a source. */
export function openSource(
  config: FileSourceConfig | JournalSourceConfig,
  taker: Taker,
  options: { once: boolean },
): Source {
  switch (config.kind) {
    case 'file':
      return openFileSource(config, taker, options);
    case 'journal':
      return openJournalSource(config, taker, options);
  }
}
