/** The verb `send`: replaces the recipe's script `submit_check_result`, and send_nsca. */
import { text } from 'node:stream/consumers';
import { guessAt } from '../../config/nearest.ts';
import { configPath } from '../../config/place.ts';
import { reasonAgainst } from '../../monitor/command.ts';
import { changeQueue } from '../../queue/change.ts';
import type { CheckResult, State } from '../../result/check-result.ts';
import { STATES, type NameLimits } from '../../result/config.ts';
import { complain } from '../../text/terminal.ts';
import { readData, UsageError } from '../arguments.ts';
import { HOSTS } from '../words.ts';
import type { Sender } from './now.ts';
import { recipientsIn, type Recipients } from './recipients.ts';
import { readRecords } from './records.ts';

export const help = `usage: denywatch send [--config PATH] [--now] HOST SERVICE STATE OUTPUT
       denywatch send [--config PATH] [--now] [-d DELIM] < RESULTS

Puts one check result in the queue; the running agent delivers it to every monitor. STATE is
0 to 3, or ok, warning, critical, unknown. An empty SERVICE means a host check.

Without arguments it reads results from stdin as send_nsca does: HOST, SERVICE, STATE and
OUTPUT separated by tabs, or HOST, STATE and OUTPUT for a host check. An ETB (0x17) separates
results. If there is none and each line has these fields, each line is a result; otherwise
all lines are one result with an output of several lines. Text that somebody else may have
chosen should be an argument, because nothing in an argument can separate results.

  --now     deliver it now, without the agent; the exit status shows whether it was taken
  -d DELIM  what separates fields on stdin, instead of a tab: any of these characters, or one
            as a number such as 0x3b
`;

export const OPTIONS = {
  config: { type: 'string' },
  now: { type: 'boolean', default: false },
  delimiter: { type: 'string', short: 'd', default: '\t' },
} as const;

export const PLACES = [HOSTS, [], ['ok', 'warning', 'critical', 'unknown']] as const;

const NAMES = ['HOST', 'SERVICE', 'STATE', 'OUTPUT'];

/** A result from a person or script is more important than alerts: a full queue drops it last. */
const VALUE = 2;

export async function main(args: string[]): Promise<number> {
  const { values, positionals: given } = readData(args, OPTIONS, {
    names: NAMES,
    fits: ([, , state]) => stateOf(state) !== undefined,
  });
  if (given.length > 0 && given.length < NAMES.length)
    throw new UsageError(`needs ${NAMES.join(' ')}, or none of them to read stdin`);
  const [, , state = ''] = given;
  if (given.length > 0 && stateOf(state) === undefined) throw new UsageError(noState(state));
  const records = given.length > 0 ? [given] : readRecords(await typed(), values.delimiter);
  const path = configPath(values.config);
  const sender = values.now ? (await import('./now.ts')).senderFor(path) : await queueFor(path);
  const read = records.map((record) => result(record, sender.limits));
  const wrong = read.findIndex((one) => typeof one === 'string');
  if (wrong >= 0) {
    const what = records.length > 1 ? `record ${wrong + 1} of ${records.length}` : 'the result';
    const why = read[wrong] as string;
    complain(`denywatch send: cannot send ${what}: ${why}; nothing was sent`);
    return 2;
  }
  return sender.send(read.filter((one) => typeof one !== 'string'));
}

/** What is on stdin. */
async function typed(): Promise<string> {
  if (process.stdin.isTTY) complain('reading from the terminal: Ctrl-D ends');
  return text(process.stdin);
}

async function queueFor(path: string): Promise<Sender> {
  const recipients = await recipientsIn(path);
  const { limits } = recipients;
  return { limits, send: async (results) => put(results, recipients) };
}

function put(results: readonly CheckResult[], { queue, monitors }: Recipients): number {
  const waiting = monitors.flatMap((monitor) =>
    results.map((one) => ({ ...one, monitor, denials: 0, value: VALUE })),
  );
  const { path } = queue;
  const dropped = changeQueue(path, { bounds: queue }, (open) => open.put(waiting));
  if (dropped.results > 0)
    complain(
      `denywatch send: the queue ${path} is full: the ${dropped.results} least important results were dropped`,
    );
  return 0;
}

function stateOf(word = ''): State | undefined {
  const name = word.trim().toLowerCase();
  return Object.hasOwn(STATES, name) ? STATES[name] : undefined;
}

function noState(word: string): string {
  return `'${word}' is not a state: use 0 to 3 or its name${guessAt(word, Object.keys(STATES))}`;
}

/** The result of a record, or why it cannot be sent. */
function result(record: string[], limits: NameLimits): CheckResult | string {
  const [host = '', service = '', word = '', output = ''] = record;
  if (record.length === 0)
    return 'it has no HOST, SERVICE, STATE and OUTPUT: separate them by a tab, or by what -d names';
  const state = stateOf(word);
  if (state === undefined) return noState(word);
  const one = { at: Date.now(), host, service, state, output };
  return reasonAgainst(one, limits) ?? one;
}
