/** A Nagios or Naemon on this machine, which reads results from a directory or from a pipe. */
import type { Monitor, Session } from '../monitor.ts';
import type { Protocol } from '../protocol.ts';
import type { NagiosSettings } from './config.ts';
import { openPipe, pipeProtocol } from './pipe.ts';
import { installationFor, wayTo } from './place.ts';
import { probe } from './probe.ts';
import { openSpool, spoolProtocol, type Known } from './spool.ts';

/** Nagios' own default of max_check_result_file_age, ms. */
const MAX_AGE = 3_600_000;

/** Returns the monitor for this configuration; opens nothing before a session is opened. */
export function openNagios(settings: NagiosSettings): Monitor {
  const { name, path } = settings;
  const known: Known = new Map();
  const open = async (signal: AbortSignal): Promise<Session> => {
    if (wayTo(path) === 'pipe') return openPipe(settings, signal);
    const { maxAge = MAX_AGE } = installationFor(settings) ?? {};
    const timeout = Math.min(settings.timeout, maxAge / 2);
    return openSpool({ directory: path, timeout, maxAge }, known, signal);
  };
  return {
    name,
    open,
    probe: (services, signal) => probe(settings, { open, services }, signal),
  };
}

export function nagiosProtocol({ path }: NagiosSettings): Protocol {
  return wayTo(path) === 'pipe' ? pipeProtocol : spoolProtocol;
}
