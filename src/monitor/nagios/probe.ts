/** What `check` finds out about a Nagios on this machine: more than any protocol shows. */
import { documentPath } from '../../host/documents.ts';
import { MonitorError } from '../error.ts';
import { harmless } from '../harmless.ts';
import type { Finding, Monitor, Service } from '../monitor.ts';
import type { NagiosSettings } from './config.ts';
import { installations, type Installation } from './installation.ts';
import { installationFor, wayTo } from './place.ts';
import { lookUp, programStatus, type Known } from './objects.ts';

/** Sends Nagios a harmless result, then looks at its files. */
export async function probe(
  settings: NagiosSettings,
  { open, services }: { open: Monitor['open']; services: readonly Service[] },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const installation = installationFor(settings);
  const found = [await roundTrip(settings, open, signal)];
  if (installation === undefined) return [...found, ...unnamed(settings)];
  return [
    ...found,
    ...settingFindings(settings, installation),
    ...serviceFindings(installation, services),
  ];
}

async function roundTrip(
  { path }: NagiosSettings,
  open: Monitor['open'],
  signal: AbortSignal,
): Promise<Finding> {
  try {
    const session = await open(signal);
    try {
      await session.send([harmless()], () => {}, signal);
      await session.finish();
    } finally {
      session.abort();
    }
  } catch (error) {
    if (!(error instanceof MonitorError)) throw error;
    return { kind: 'problem', text: error.message };
  }
  const text =
    wayTo(path) === 'pipe' ? `Nagios reads ${path}` : `Nagios has read a file in ${path}`;
  return { kind: 'ok', text };
}

/** No nagios.cfg names this path. */
function unnamed({ path, config }: NagiosSettings): Finding[] {
  const others = installations(config === null ? undefined : [config]);
  if (others.length === 0) {
    const text =
      'found no nagios.cfg that names this path, so it is not known whether Nagios has the host and the service: name it with nagiosConfig';
    return [{ kind: 'note', text }];
  }
  return others.map((other) => ({
    kind: 'note',
    text: `${other.path} has check_result_path=${other.spool ?? ''} and command_file=${other.commandFile ?? ''}, not ${path}: correct one of them, or name the right nagios.cfg with nagiosConfig`,
  }));
}

function settingFindings(
  { path, timeout }: NagiosSettings,
  { path: config, reaper, takesPassive, takesCommands, statusFile }: Installation,
): Finding[] {
  const texts: string[] = [];
  if (!takesPassive) {
    texts.push(`Nagios takes no passive results: set accept_passive_service_checks=1 in ${config}`);
  } else if (
    statusFile !== null &&
    readable(() => programStatus(statusFile))?.takesPassive === false
  ) {
    texts.push(
      'Nagios takes no passive results at the moment: somebody turned them off; allow them under Process Info',
    );
  }
  if (wayTo(path) === 'pipe') {
    if (!takesCommands) {
      texts.push(`Nagios takes no external commands: set check_external_commands=1 in ${config}`);
    }
  } else if (2 * reaper > timeout) {
    texts.push(
      `Nagios reads its spool each ${reaper / 1000} s (check_result_reaper_frequency): set timeout to ${(2 * reaper) / 1000}s at least, or have it read more often`,
    );
  }
  return texts.map((text) => ({ kind: 'problem', text }));
}

function serviceFindings(
  { objectCache, statusFile }: Installation,
  services: readonly Service[],
): Finding[] {
  if (objectCache === null) return [];
  const known =
    readable(() => lookUp(objectCache, statusFile, services)) ??
    readable(() => lookUp(objectCache, null, services));
  if (known === null) {
    const text = `cannot read ${objectCache}, so it is not known whether Nagios has the host and the service: run this as root too`;
    return [{ kind: 'note', text }];
  }
  return services.flatMap((service, i) => serviceFinding(service, known[i]!));
}

function serviceFinding({ host, service }: Service, known: Known): Finding[] {
  const what = service === '' ? `host ${host}` : `service ${service} of host ${host}`;
  if (!known.host) {
    const text = `Nagios has no host ${host}, and drops what is sent for it: correct 'host', or add it to Nagios`;
    return [{ kind: 'problem', text }];
  }
  if (!known.service) {
    const text = `Nagios has no ${what}, and drops what is sent for it: ${documentPath('Nagios objects')} has one to copy`;
    return [{ kind: 'problem', text }];
  }
  if (!known.takesPassive) {
    const text = `Nagios takes no passive results for ${what}: set passive_checks_enabled 1 there`;
    return [{ kind: 'problem', text }];
  }
  return [{ kind: 'ok', text: `Nagios has the ${what}` }];
}

/** What reading returns; null where the file may not be read, or is missing. */
function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
