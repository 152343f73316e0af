/** The verb `send`: replaces the recipe's script `submit_check_result`, and send_nsca. */
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { complain } from '../text/terminal.ts';
import type { Config } from '../agent/config.ts';
import { configPath } from '../config/load.ts';
import { loadConfig, loadConfigToQueue } from '../agent/config.ts';
import { STATES, type NameLimits } from '../result/config.ts';
import { reasonAgainst } from '../monitor/command.ts';
import { openMonitors, widestNames } from '../monitor/kinds.ts';
import type { Verdict } from '../monitor/monitor.ts';
import { paceOf } from '../delivery/config.ts';
import { pause } from '../host/pause.ts';
import { changeQueue } from '../queue/change.ts';
import type { CheckResult, State } from '../result/check-result.ts';
import { readRecords } from './records.ts';

export const help = `usage: denywatch send [--config PATH] [--now] HOST SERVICE STATE OUTPUT
       denywatch send [--config PATH] [--now] [-d DELIM] < RESULTS

Puts one check result in the queue; the running agent delivers it to every monitor. STATE is
0 to 3, or ok, warning, critical, unknown. An empty SERVICE means a host check.

Without arguments it reads results from stdin as send_nsca does: HOST, SERVICE, STATE and
OUTPUT separated by tabs (HOST, STATE, OUTPUT for a host check), and results separated by
ETB (0x17). If there is no ETB and each line has these fields, each line is a result;
otherwise the lines are one result with an output of several lines. Pass text that others
may have chosen as an argument: nothing in an argument separates results.

  --now     deliver it now, without the agent; the exit status says whether it was taken
  -d DELIM  what separates fields on stdin instead of a tab: any of these characters, or one
            as a number such as 0x3b
`;

export const OPTIONS = {
  config: { type: 'string' },
  now: { type: 'boolean', default: false },
  delimiter: { type: 'string', short: 'd', default: '\t' },
} as const;

/** A result from a person or script is more important than alerts: a full queue drops it last. */
const VALUE = 2;

export async function main(args: string[]): Promise<number> {
  // If the third of the last four is a state, they are data, whatever else they look like.
  const own = args.length >= 4 && stateOf(args.at(-2)) !== undefined ? args.slice(-4) : [];
  const { values, positionals } = parseArgs({
    args: args.slice(0, args.length - own.length),
    options: OPTIONS,
    allowPositionals: true,
  });
  if (positionals.length > 0) {
    complain(
      'denywatch send: needs HOST SERVICE STATE OUTPUT, STATE 0 to 3 or its name, or nothing (denywatch send --help)',
    );
    return 2;
  }
  const records = own.length > 0 ? [own] : readRecords(await text(process.stdin), values.delimiter);
  const path = configPath(values.config);
  const config = values.now ? loadConfig(path).config : loadConfigToQueue(path);
  // If one monitor cannot carry a name that another can, its result is set aside with the reason.
  const limits = widestNames(config.monitors);
  const read = records.map((record) => result(record, limits));
  const wrong = read.findIndex((one) => one === null);
  if (wrong >= 0) {
    const what = records.length > 1 ? `record ${wrong + 1} of ${records.length}` : 'this';
    complain(
      `denywatch send: ${what} is no result: HOST and SERVICE need to be plain text, STATE 0 to 3 or its name; nothing was sent`,
    );
    return 2;
  }
  const results = read.filter((one) => one !== null);
  if (values.now) return now(config, results);
  const waiting = openMonitors(config).flatMap(({ name }) =>
    results.map((one) => ({ ...one, monitor: name, denials: 0, value: VALUE })),
  );
  const { queue } = config;
  const dropped = changeQueue(queue.path, { bounds: queue }, (its) => its.put(waiting));
  if (dropped.results > 0)
    complain(
      `denywatch send: the queue ${queue.path} is full: the ${dropped.results} least important results were dropped`,
    );
  return 0;
}

async function now(config: Config, results: readonly CheckResult[]): Promise<number> {
  const refusals: string[] = [];
  const sent = openMonitors(config).map(async (monitor) => {
    const signal = AbortSignal.timeout(60_000);
    const session = await monitor.open(signal);
    const onVerdict = (one: CheckResult, verdict: Verdict) => {
      if (verdict.kind === 'refused') refusals.push(refusalText(monitor.name, one, verdict.reason));
    };
    const { batch, pace } = session.protocol;
    const { results: size, every } = paceOf(config.pace, pace);
    const most = Math.min(batch, size);
    for (let at = 0; at < results.length; at += most) {
      if (at > 0) await pause(every, signal);
      await session.send(results.slice(at, at + most), onVerdict, signal);
    }
    await session.finish();
  });
  const failures = (await Promise.allSettled(sent)).filter((one) => one.status === 'rejected');
  const texts = [...refusals, ...failures.map(({ reason }) => (reason as Error).message)];
  for (const line of texts) complain(`denywatch send: ${line}`);
  return texts.length === 0 ? 0 : 1;
}

function refusalText(monitor: string, { host, service }: CheckResult, reason: string): string {
  return `${monitor} refuses the result for ${host}${service === '' ? '' : `, ${service}`}: ${reason}`;
}

function stateOf(word = ''): State | undefined {
  const name = word.trim().toLowerCase();
  return Object.hasOwn(STATES, name) ? STATES[name] : undefined;
}

function result(
  [host = '', service = '', word = '', output = '']: string[],
  limits: NameLimits,
): CheckResult | null {
  const state = stateOf(word);
  if (state === undefined) return null;
  const one = { at: Date.now(), host, service, state, output };
  return reasonAgainst(one, limits) === null ? one : null;
}
