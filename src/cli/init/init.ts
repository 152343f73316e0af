/** The verb `init`: writes a commented configuration for this machine if there is none. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { PLACES } from '../../config/place.ts';
import { linesOf, print } from '../../text/terminal.ts';
import { readArguments } from '../arguments.ts';
import { HOSTS } from '../words.ts';
import { converse, fail } from './converse.ts';
import {
  planFor,
  printDropIn,
  printWritten,
  TAKEN,
  textOf,
  UNWRITABLE,
  withPresentSecrets,
  writePlan,
} from './plan.ts';
import { whyNotCreate } from './write.ts';

export const help = `usage: denywatch init [--config PATH] [--stdout] [OPTION...]

Writes a commented configuration for this machine, with the logs that hold refusals, this host's
name, and the monitor. It never changes an existing file. On a terminal it asks for what it cannot
find out, writes the monitor's password to a file beside the configuration, runs check, and offers
to show what would be sent. Nothing is written before the last answer.

  --config PATH        the file to write (default ${PLACES[0]})
  --stdout             show the configuration, and write nothing
  --yes                ask nothing, and take the defaults
  --monitor ADDRESS    the monitor: HOST or HOST:PORT for NSCA, nsca-ng://HOST, icinga2://HOST,
                       https://HOST/nrdp/, gearman://HOST, or the path of the spool directory or
                       the command pipe of a Nagios on this machine (default: the spool directory
                       of a Nagios that runs on this machine)
  --host NAME          this host's host_name in the monitor (default: its short name)
  --send-nsca FILE     take encryption and password from this send_nsca.cfg (default: the first in
                       /etc, /etc/nagios and /usr/local/nagios/etc, if it has a password)

Exit status: 0 written, 1 the file exists, cannot be written, or Ctrl-C was pressed, 2 wrong usage.
`;

export const OPTIONS = {
  config: { type: 'string' },
  stdout: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  monitor: { type: 'string' },
  host: { type: 'string' },
  'send-nsca': { type: 'string' },
} as const;

export const VALUES = { monitor: HOSTS, host: HOSTS } as const;

export async function main(args: string[]): Promise<number> {
  const { values } = readArguments(args, OPTIONS);
  const path = resolve(values.config ?? PLACES[0]!);
  if (!values.stdout && existsSync(path)) return fail(TAKEN(path));
  const shut = values.stdout ? null : whyNotCreate(path);
  if (shut !== null) return fail(UNWRITABLE(path, shut));
  const plan = planFor(path, { ...values, sendNsca: values['send-nsca'] });
  if (values.stdout) {
    print(...linesOf(await textOf(plan)));
    return 0;
  }
  const isAsked = !values.yes && process.stdin.isTTY && process.stdout.isTTY;
  if (isAsked) return converse(plan);
  const settled = withPresentSecrets(plan);
  const problem = await writePlan(settled);
  if (problem !== null) return fail(problem);
  printWritten(settled);
  await printDropIn(settled);
  return 0;
}
