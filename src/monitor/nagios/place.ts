/** What is at the configured path: a directory or a pipe, and of which Nagios. */
import { statSync } from 'node:fs';
import type { Way } from './access.ts';
import type { NagiosSettings } from './config.ts';
import { CONFIGS, installationOf } from './installation.ts';

/** The Nagios that reads this path, as far as its nagios.cfg can be found and read. */
export function installationFor({ path, config }: NagiosSettings) {
  return installationOf(path, config === null ? CONFIGS : [config]);
}

/** A directory is a spool. The name decides for a missing path: Nagios removes its pipe. */
export function wayTo(path: string): Way {
  try {
    // A symbolic link to a directory is fine; one in place of the pipe is not followed.
    if (statSync(path).isDirectory()) return 'spool';
    return 'pipe';
  } catch {
    return path.endsWith('.cmd') ? 'pipe' : 'spool';
  }
}
