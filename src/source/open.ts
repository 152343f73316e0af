/** The kinds of sources, by configuration. */
import type { FileSourceConfig, JournalSourceConfig } from '../config/config.ts';
import { openFileSource } from './file.ts';
import { openJournalSource } from './journal.ts';
import type { Source, Taker } from './source.ts';

/**
 * Starts reading a source.
 * @param options.grep what each message that matters matches, for a source that can narrow by it
 */
export function openSource(
  config: FileSourceConfig | JournalSourceConfig,
  taker: Taker,
  options: { once: boolean; grep: string },
): Source {
  return config.kind === 'file'
    ? openFileSource(config, taker, options)
    : openJournalSource(config, taker, options);
}
