/** What `init` is going to write. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { shortHostName } from '../../host/name.ts';
import { SendNscaConfigError } from '../../monitor/client-config.ts';
import { reasonAgainst } from '../../monitor/command.ts';
import type { DraftKey } from '../../monitor/kind.ts';
import { mistakeInDraft } from '../../monitor/drafted.ts';
import { draftMonitor, type Draft } from '../../monitor/kinds.ts';
import { addressFor, readClient } from '../../monitor/send-nsca.ts';
import { exampleText, fillExample } from '../../survey/example.ts';
import { remarkOn } from '../../survey/first-run.ts';
import { bestSources, findInJournal, findLogs } from '../../survey/logs.ts';
import { runningNagios } from '../../survey/nagios.ts';
import { networkDropIn } from '../../survey/network.ts';
import { privateFileCommand } from '../../survey/private-file.ts';
import { complain, print, printText } from '../../text/terminal.ts';
import { UsageError } from '../arguments.ts';
import { writeAll, type NewFile } from './write.ts';
import { reasonOf } from '../../text/reason.ts';

/** Where distributions and the recipe keep the configuration of send_nsca. */
const SEND_NSCA = [
  '/etc/send_nsca.cfg',
  '/etc/nagios/send_nsca.cfg',
  '/usr/local/nagios/etc/send_nsca.cfg',
];

/** What the file will say, and what was found out about it. */
export interface Plan {
  readonly path: string;
  readonly host: string;
  readonly monitor: Draft | undefined;
  /** Whether an option or a send_nsca.cfg names the monitor. */
  readonly isNamed: boolean;
  /** The address to keep the agent's connections to; null if it is not known. */
  readonly place: string | null;
  /** A send_nsca.cfg to take the password from; null without one. */
  readonly client: Client | null;
  readonly secrets: readonly NewFile[];
}

export interface Client {
  /** The kind of monitor that it is for. */
  readonly key: string;
  readonly path: string;
  /** Whether an option names it. */
  readonly isNamed: boolean;
}

/** The options that say something about the file. */
export interface Options {
  readonly monitor?: string | undefined;
  readonly host?: string | undefined;
  readonly sendNsca?: string | undefined;
}

/**
 * What is known without asking.
 * @throws UsageError, or SendNscaConfigError where that file cannot be used
 */
export function planFor(path: string, options: Options): Plan {
  const given = options.sendNsca;
  const sendNscaConfig = given ?? SEND_NSCA.find((place) => existsSync(place));
  const client =
    given !== undefined
      ? readClient(given)
      : sendNscaConfig === undefined
        ? null
        : usableClient(sendNscaConfig);
  const place = options.monitor ?? client?.server ?? null;
  // A machine that runs Nagios itself needs no network to reach it.
  const local = place !== null || given !== undefined ? undefined : runningNagios();
  const address = addressFor(options.monitor ?? local, client);
  const monitor = address === undefined ? undefined : draftMonitor(address);
  if (monitor === null) throw new UsageError(`'${address}' is not the address of a monitor`);
  const misspelt = monitor === undefined ? null : mistakeInDraft(monitor, monitor.kind);
  if (misspelt !== null) throw new UsageError(`--monitor: ${misspelt}`);
  const wrong = options.host === undefined ? null : reasonAgainstHost(options.host);
  if (wrong !== null) throw new UsageError(`--host: ${wrong}`);
  return {
    path,
    host: options.host ?? shortHostName(),
    monitor,
    isNamed: place !== null,
    place,
    client:
      client === null
        ? null
        : { key: client.key, path: resolve(sendNscaConfig!), isNamed: given !== undefined },
    secrets: [],
  };
}

/** A client's configuration that nobody named: it need not be readable, or filled in. */
function usableClient(path: string): ReturnType<typeof readClient> | null {
  try {
    const client = readClient(path);
    return client.hasPassword ? client : null;
  } catch (error) {
    if (!(error instanceof SendNscaConfigError)) throw error;
    complain(`denywatch init: ${error.message}; it is not used`);
    return null;
  }
}

/** The plan with the secrets that are in their files already. */
export function withPresentSecrets(plan: Plan): Plan {
  const { monitor, path } = plan;
  if (monitor === undefined) return plan;
  const keys = monitor.keys.map((key) =>
    key.asks !== undefined && existsSync(secretPath(path, key)) ? { ...key, missing: null } : key,
  );
  return { ...plan, monitor: { ...monitor, keys } };
}

/** The file with a secret that a key names, beside the configuration. */
export function secretPath(config: string, { value }: DraftKey): string {
  return resolve(dirname(config), value);
}

/** The text of the configuration. */
export async function textOf({ host, monitor, client }: Plan): Promise<string> {
  const sources = bestSources(await findLogs(), await findInJournal());
  return fillExample(exampleText(), {
    host,
    sources: sources.map((found) => ({ stream: found.stream, remark: remarkOn(found) })),
    monitor,
    sendNscaConfig: client?.key === monitor?.kind ? client?.path : undefined,
  });
}

/** Writes all files or none. Returns why they cannot be written, or null. */
export async function writePlan(plan: Plan): Promise<string | null> {
  const { path, secrets } = plan;
  try {
    writeAll([...secrets, { path, text: await textOf(plan) }]);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return TAKEN(path);
    return UNWRITABLE(path, reasonOf(error));
  }
}

/** What was written, and what is missing in it. */
export function printWritten({ path, monitor, client, secrets }: Plan): void {
  const name = monitor === undefined ? 'name your monitor in it, then ' : '';
  printText(`${path} is written: ${name}denywatch check finds what is still missing`);
  for (const secret of secrets)
    printText(`${secret.path} is written; only root and the agent can read it`);
  if (client !== null && client.key === monitor?.kind) {
    print(`  sendNscaConfig: the password is read from ${client.path}`);
    return;
  }
  for (const key of monitor?.keys ?? []) {
    if (key.missing === null) continue;
    const command =
      key.asks === undefined ? '' : `; to write it: ${privateFileCommand(secretPath(path, key))}`;
    print(`  ${key.key}: ${key.missing}${command}`);
  }
}

/** The drop-in that keeps the agent to its monitor, if that is known. */
export async function printDropIn({ place }: Plan): Promise<void> {
  if (place !== null)
    print(
      'To let the agent reach nothing else, add this with systemctl edit denywatch:',
      ...(await networkDropIn([place])),
    );
}

/** Why a text cannot be the name of a host in the monitor; null if it can. */
export function reasonAgainstHost(host: string): string | null {
  const limits = { host: Infinity, service: Infinity };
  return reasonAgainst({ at: 0, host, service: '', state: 0, output: '' }, limits);
}

export const UNWRITABLE = (path: string, why: string) =>
  `cannot write ${path}: ${why}; run it as root, or name another path with --config PATH`;

export const TAKEN = (path: string) =>
  `${path} exists already, and is left unchanged: compare it with denywatch init --stdout, or name another path with --config PATH`;
