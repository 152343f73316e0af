/** The verb `check`: finds mistakes before the agent does, and says what to do about each. */
import { accessSync, constants, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../agent/config.ts';
import { readArguments } from './arguments.ts';
import { configPath } from '../config/place.ts';
import { deadline } from '../host/deadline.ts';
import { exists } from '../host/exists.ts';
import { loadConfigToCheck } from '../agent/config.ts';
import { servicesOf } from '../agent/services.ts';
import type { Finding as Found, Service } from '../monitor/monitor.ts';
import { describeMonitor, openMonitor, proofOf } from '../monitor/kinds.ts';
import { OldQueueError } from '../queue/error.ts';
import { askQueue } from '../queue/reader.ts';
import { findInJournal, findLogs, type FoundLog } from '../survey/logs.ts';
import { agentUser, cannotRead, mayWrite } from '../survey/agent-rights.ts';
import { checkSource } from '../survey/sources.ts';
import { firstRun, linesFor, remarkOn, unread } from '../survey/first-run.ts';
import { printFinding } from '../text/finding.ts';
import { print } from '../text/terminal.ts';
import { HOSTS_DENY, readHostsDeny } from '../survey/hosts-deny.ts';
import { findSilent, type SilentProgram } from '../survey/silent.ts';
import { readMaxStartups, remarkOnMaxStartups, SSHD_CONFIG } from '../survey/sshd.ts';
import { reasonOf, reasonWithPath } from '../text/reason.ts';

export const help = `usage: denywatch check [--config PATH] [--offline]

Finds mistakes in the configuration, logs that cannot be read, a queue that cannot be written,
and monitors that would not take a result. For each it shows the key and what to do. It also
examines hosts.deny, the logs in /var/log and the journal, and shows what to add to the
configuration if they hold refusals that no source reads. Without a configuration it shows how
to begin. It changes nothing.

To try an NSCA daemon, it sends a result for a host that Nagios does not know, and therefore
ignores. Run as root, it also tries whether the agent's user can read everything, and shows the
commands that give that user access.

  --offline   do not connect to the monitors

Exit status: 0 all is well, 1 there is a problem, 78 the configuration has a mistake.
`;

export const OPTIONS = {
  config: { type: 'string' },
  offline: { type: 'boolean', default: false },
} as const;

/** With less room on its disk, bytes, a queue takes nothing more. */
const LEAST_ROOM = 1 << 20;

/** How long a monitor may take beyond its own timeout to show whether it takes results, ms. */
const PROBE = 45_000;

/** One finding. A note is not a mistake. */
interface Finding extends Found {
  readonly key: string;
}

export async function main(args: string[]): Promise<number> {
  const { values } = readArguments(args, OPTIONS);
  const named = configPath(values.config);
  if (values.config === undefined && !exists(named)) return firstRun(named);
  const { path, config, warnings, files, withoutCredential } = loadConfigToCheck(named);
  const logs = [...(await findLogs()), await findInJournal()];
  const more = unread(config.sources, logs);
  const findings: Finding[] = [
    { kind: 'ok', key: path, text: 'the configuration is right' },
    ...warnings.map((text): Finding => ({ kind: 'note', key: path, text })),
    ...(await Promise.all(config.sources.map((source, i) => checkSource(source, i, logs)))).flat(),
    ...more.map((log) => notRead(log)),
    ...agentsRights(config, [path, ...files]),
    checkQueue(config),
    ...checkHostsDeny(),
    ...findSilent().map(silence),
    ...(config.monitors.length === 0 ? [NO_MONITOR] : []),
    ...withoutCredential.map(untried),
    ...(values.offline ? [] : await checkMonitors(config, withoutCredential)),
  ];
  for (const { kind, key, text } of findings) printFinding(kind, `${key}: ${text}`);
  if (more.length > 0)
    print('', `To read these too, add to sources in ${path}:`, ...linesFor(more));
  return findings.some(({ kind }) => kind === 'problem') ? 1 : 0;
}

const NO_MONITOR: Finding = {
  kind: 'problem',
  key: 'monitors',
  text: 'none is configured, so nothing is reported: name one, such as - nsca: monitor:5667',
};

function notRead(log: FoundLog): Finding {
  return { kind: 'problem', key: log.stream, text: `${remarkOn(log)}, and no source reads it` };
}

/** Only root can try what another user may read. */
function agentsRights({ queue, sources }: Config, files: readonly string[]): readonly Finding[] {
  const user = process.geteuid?.() === 0 ? agentUser(queue.path) : null;
  return user === null ? [] : cannotRead(user, { files, sources });
}

function checkQueue({ queue: { path } }: Config): Finding {
  const key = 'queue.path';
  const text = unreadableQueue(path) ?? unwritableQueue(path);
  return text === null
    ? { kind: 'ok', key, text: `can write ${path}` }
    : { kind: 'problem', key, text };
}

/** Why an existing queue cannot be read; null if it can, or if the agent will update it. */
function unreadableQueue(path: string): string | null {
  try {
    if (exists(path)) askQueue(path, ({ overview }) => [overview.totals(), overview.monitors()]);
    return null;
  } catch (error) {
    return error instanceof OldQueueError ? null : reasonWithPath(error);
  }
}

function unwritableQueue(path: string): string | null {
  const target = exists(path) ? path : nearestDirectory(path);
  try {
    // A read-only file system keeps root from writing, too.
    accessSync(target, constants.W_OK);
    const { bavail, bsize } = statfsSync(target);
    if (bavail * bsize < LEAST_ROOM) return `the disk of ${path} is full: make room`;
  } catch (error) {
    return `cannot write ${path}: ${reasonOf(error)}; run this as the agent's user, give that user the directory, or name another queue.path`;
  }
  const user = process.geteuid?.() === 0 ? agentUser(path) : null;
  // A directory that is missing may be created by systemd.
  return user !== null && exists(dirname(path)) && !mayWrite(user, target)
    ? `the agent's user ${user.name} cannot write ${path}; run: chown -R ${user.name} ${dirname(path)}`
    : null;
}

/** The agent creates missing directories, so the first one that exists must be writable. */
function nearestDirectory(path: string): string {
  const parent = dirname(path);
  return exists(parent) ? parent : nearestDirectory(parent);
}

function checkHostsDeny(): Finding[] {
  const { fine, text, guardsSshd } = readHostsDeny();
  const remark = guardsSshd ? remarkOnMaxStartups(readMaxStartups()) : null;
  return [
    { kind: fine ? 'ok' : 'note', key: HOSTS_DENY, text },
    ...(remark === null ? [] : [{ kind: 'note', key: SSHD_CONFIG, text: remark } as const]),
  ];
}

function silence({ program, remedy }: SilentProgram): Finding {
  return { kind: 'note', key: program, text: `does not log its refusals; ${remedy}` };
}

function untried(key: string): Finding {
  const text =
    'its credential is only in the service, so it is not tried; to try it, run this with $CREDENTIALS_DIRECTORY set to the directory of that file';
  return { kind: 'note', key, text };
}

async function checkMonitors(config: Config, untriedKeys: readonly string[]): Promise<Finding[]> {
  const services = servicesOf(config);
  const found = await Promise.all(
    config.monitors.map(async (monitor, index) => {
      const key = `monitors.${index}`;
      if (untriedKeys.includes(key)) return [];
      const findings = await probe(monitor, services);
      return findings.map(({ kind, text }) => ({ kind, key, text }));
    }),
  );
  return found.flat();
}

async function probe(
  monitor: Config['monitors'][number],
  services: readonly Service[],
): Promise<readonly Found[]> {
  try {
    const signal = deadline(monitor.timeout + PROBE, monitor.name);
    const found = await openMonitor(monitor).probe(services, signal);
    const how = ` (${describeMonitor(monitor)}); delivered means that ${proofOf(monitor)}`;
    return found.map((one) => (one.kind === 'ok' ? { ...one, text: one.text + how } : one));
  } catch (error) {
    return [{ kind: 'problem', text: reasonWithPath(error) }];
  }
}
