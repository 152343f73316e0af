/** Reads a configuration that has changed while the agent runs. */
import { statSync } from 'node:fs';
import { ConfigError } from '../config/error.ts';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { counted } from '../text/amounts.ts';
import { reasonWithPath } from '../text/reason.ts';

/** What became of the configuration file when the agent last read it. */
export interface Reading {
  /** When the agent began to read it, see `monotonic`. */
  readonly at: number;
  /** `loaded`: it is new, or was corrected. `refused`: the agent continues with the old one. */
  readonly outcome: 'loaded' | 'unchanged' | 'refused';
  /** Why it is refused, in a few words; null if it is not. */
  readonly reason: string | null;
}

/** Microseconds of a clock that nobody sets, and which all processes of the machine share. */
export function monotonic(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/**
 * A text that differs when the file at a path was changed or replaced; empty if there is none, or it
 * cannot be examined.
 */
export function versionOf(path: string): string {
  try {
    const { dev, ino, size, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, ctimeNs].join();
  } catch {
    return '';
  }
}

/** The new configuration, or in a few words why it cannot be used; the log has the details. */
export function readNext(
  { load, log }: { readonly load: () => Config; readonly log: Logger },
  old: Config,
): Config | string {
  try {
    const next = load();
    if (next.queue.path === old.queue.path) return next;
    log.error(
      'queue.path cannot change while the agent runs: restart it; continuing with the old configuration',
    );
    return 'the new one has another queue.path, which needs a restart';
  } catch (error) {
    for (const line of reasonWithPath(error).split('\n')) log.error(line);
    log.error(
      'the new configuration is not used, continuing with the old one; it is read again when it is corrected',
    );
    if (error instanceof ConfigError) {
      const { length } = error.problems;
      return `the new one has ${counted(length, 'mistake')}`;
    }
    log.debug({ err: error }, 'reading the configuration failed');
    return 'the new one cannot be read';
  }
}
