/** A Nagios or Naemon on this machine, which reads results from a directory or from a pipe. */
import type { Monitor, Session } from '../monitor.ts';
import type { NagiosSettings } from './config.ts';
import { installationFor, wayTo } from './place.ts';
import type { Known } from './spool.ts';

/** Nagios' own default of max_check_result_file_age, ms. */
const MAX_AGE = 3_600_000;

/** Returns the monitor for this configuration; opens nothing before a session is opened. */
export function openNagios(settings: NagiosSettings): Monitor {
  const { name, path } = settings;
  const known: Known = new Map();
  const open = async (signal: AbortSignal): Promise<Session> => {
    if (wayTo(path) === 'pipe') {
      const { openPipe } = await import('./pipe.ts');
      return openPipe(settings, signal);
    }
    const { openSpool } = await import('./spool.ts');
    const { maxAge = MAX_AGE } = installationFor(settings) ?? {};
    const timeout = Math.min(settings.timeout, maxAge / 2);
    return openSpool({ directory: path, timeout, maxAge }, known, signal);
  };
  return {
    name,
    open,
    probe: async (services, signal) => {
      const { probe } = await import('./probe.ts');
      return probe(settings, { open, services }, signal);
    },
  };
}
