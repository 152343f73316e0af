/** The verb `init`: writes a commented configuration for this machine if there is none. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { exampleText, fillExample } from '../survey/example.ts';
import { PLACES } from '../config/place.ts';
import { shortHostName } from '../host/name.ts';
import { draftMonitor } from '../monitor/kinds.ts';
import { addressFor, readClient } from '../monitor/send-nsca.ts';
import { writeNewConfig } from '../survey/new-config.ts';
import { bestSources, findInJournal, findLogs } from '../survey/logs.ts';
import { networkDropIn } from '../survey/network.ts';
import { remarkOn } from '../survey/first-run.ts';
import { runningNagios } from '../survey/nagios.ts';
import { complain, linesOf, print } from '../text/terminal.ts';

export const help = `usage: denywatch init [--config PATH] [--stdout] [OPTION...]

Writes a commented configuration for this machine: the logs that hold refusals, this host's name,
and the monitor. An existing file is never changed.

  --config PATH        the file to write (default ${PLACES[0]})
  --stdout             show the configuration, and write nothing
  --monitor ADDRESS    the monitor: HOST or HOST:PORT for NSCA, nsca-ng://HOST, icinga2://HOST,
                       https://HOST/nrdp/, gearman://HOST, or the path of the spool directory or
                       the command pipe of a Nagios on this machine (default: the spool directory
                       of a Nagios that runs on this machine)
  --host NAME          this host's host_name in Nagios (default: its short name)
  --send-nsca FILE     take encryption and password from this send_nsca.cfg (default:
                       /etc/send_nsca.cfg or /etc/nagios/send_nsca.cfg where there is one)

Exit status: 0 written, 1 the file exists or cannot be written, 2 wrong usage.
`;

export const OPTIONS = {
  config: { type: 'string' },
  stdout: { type: 'boolean', default: false },
  monitor: { type: 'string' },
  host: { type: 'string' },
  'send-nsca': { type: 'string' },
} as const;

/** Where distributions and the recipe keep the configuration of send_nsca. */
const SEND_NSCA = [
  '/etc/send_nsca.cfg',
  '/etc/nagios/send_nsca.cfg',
  '/usr/local/nagios/etc/send_nsca.cfg',
];

export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: OPTIONS,
  });
  const path = resolve(values.config ?? PLACES[0]!);
  if (!values.stdout && existsSync(path)) return fail(TAKEN(path));
  const given = values['send-nsca'];
  const sendNscaConfig = given ?? SEND_NSCA.find((place) => existsSync(place));
  const client = sendNscaConfig === undefined ? null : readClient(sendNscaConfig);
  const isNamed = values.monitor !== undefined || (client?.server ?? null) !== null;
  // A machine that runs Nagios itself needs no network to reach it.
  const local = isNamed || given !== undefined ? undefined : runningNagios();
  const address = addressFor(values.monitor ?? local, client);
  const monitor = address === undefined ? undefined : draftMonitor(address);
  if (monitor === null) return fail(NO_ADDRESS(address!));
  const isClients = client !== null && client.key === monitor?.kind;
  const sources = bestSources(await findLogs(), await findInJournal());
  const text = fillExample(exampleText(), {
    host: values.host ?? shortHostName(),
    sources: sources.map((found) => ({ stream: found.stream, remark: remarkOn(found) })),
    monitor,
    sendNscaConfig: isClients ? resolve(sendNscaConfig!) : undefined,
  });
  if (values.stdout) {
    print(...linesOf(text));
    return 0;
  }
  try {
    writeNewConfig(path, text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return fail(TAKEN(path));
    return fail(
      `cannot write ${path}: ${message}; run it as root, or name another path with --config PATH`,
    );
  }
  const name = !isNamed && local === undefined ? 'name your monitor in it, then ' : '';
  print(`${path} is written: ${name}denywatch check finds what is still missing`);
  const asked = isClients ? [] : (monitor?.keys ?? []);
  for (const { key, missing } of asked) if (missing !== null) print(`  ${key}: ${missing}`);
  const place = values.monitor ?? client?.server ?? null;
  if (place !== null)
    print(
      'To let the agent reach nothing else: systemctl edit denywatch, with',
      ...(await networkDropIn([place])),
    );
  return 0;
}

const NO_ADDRESS = (address: string) =>
  `'${address}' is not the address of a monitor: denywatch init --help lists the forms`;

const TAKEN = (path: string) =>
  `${path} exists already, and is left unchanged: compare it with denywatch init --stdout, or name another path with --config PATH`;

function fail(text: string): number {
  complain(`denywatch init: ${text}`);
  return 1;
}
