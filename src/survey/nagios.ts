/** Finds out whether this machine is the monitor itself. */
import { statSync, type Stats } from 'node:fs';
import { installations } from '../monitor/nagios/installation.ts';

/** The spool directory of a Nagios that runs here: its command pipe exists while it runs. */
export function runningNagios(configs?: readonly string[]): string | undefined {
  const running = installations(configs).find(
    ({ spool, commandFile }) =>
      statsOf(spool)?.isDirectory() === true && statsOf(commandFile)?.isFIFO() === true,
  );
  return running?.spool ?? undefined;
}

function statsOf(path: string | null): Stats | undefined {
  try {
    return path === null ? undefined : statSync(path);
  } catch {
    // It does not exist, or this user may not see it.
    return undefined;
  }
}
