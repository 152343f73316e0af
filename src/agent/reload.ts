/** Reading a configuration that has changed while the agent runs. */
import { ConfigError } from '../config/error.ts';
import type { Logger } from 'pino';
import type { Config } from './config.ts';

/** The new configuration; or, where it cannot be used, why, in a few words: the log has it all. */
export function readNext(
  { load, log }: { readonly load: () => Config; readonly log: Logger },
  old: Config,
): Config | string {
  try {
    const next = load();
    if (next.queue.path === old.queue.path) return next;
    log.error(
      'queue.path cannot change while the agent runs: restart it; going on with the old configuration',
    );
    return 'queue.path of the new one is another, which needs a restart';
  } catch (error) {
    for (const line of (error as Error).message.split('\n')) log.error(line);
    log.error(
      'the new configuration is not used, going on with the old one; it is read again once it is mended',
    );
    if (error instanceof ConfigError) {
      const { length } = error.problems;
      return `the new one has ${length} mistake${length === 1 ? '' : 's'}`;
    }
    log.debug({ err: error }, 'reading the configuration failed');
    return 'the new one cannot be read';
  }
}
