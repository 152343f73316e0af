/** The verb `status`: what the agent is doing, for people, for scripts and for Nagios. */
import { hostname } from 'node:os';
import { configPath } from '../../config/place.ts';
import { loadQueueConfig } from '../../queue/config.ts';
import { asksForHelp, mistakeIn, readArguments, UsageError } from '../arguments.ts';
import { page } from './page.ts';
import { plugin, readLimits, unknown } from './plugin.ts';
import { readStatus } from './read.ts';
import { hasUnicode } from '../../text/layout.ts';
import { print, printJson, screenWidth, standardOutput } from '../../text/terminal.ts';
import { watchScreen } from '../watch.ts';
import { reasonWithPath } from '../../text/reason.ts';

export const help = `usage: denywatch status [--config PATH] [--watch | --json]
       denywatch status [--config PATH] --plugin [-w LIMITS] [-c LIMITS]

Shows what the agent is doing: what needs attention, its sources and how far behind they are,
what waits for each monitor and since when, the last delivery, and what was refused in the last
hour and day. Times are UTC.

  --watch     refresh the screen every two seconds, until q or Ctrl-C
  --json      print everything as one JSON object
  --plugin    print one line with performance data, as a Nagios plugin does
  -w, --warning LIMITS, -c, --critical LIMITS
              with --plugin: WARNING or CRITICAL if more results wait than this number, or if
              the oldest has waited longer than this time: 100, 10m or 100,10m

Exit status: 0 all is well, 1 something needs attention (the agent is not running, a source cannot
be read, a monitor does not take results); with --plugin 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
`;

export const OPTIONS = {
  config: { type: 'string' },
  watch: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  plugin: { type: 'boolean', default: false },
  warning: { type: 'string', short: 'w' },
  critical: { type: 'string', short: 'c' },
} as const;

/** The most columns that can be read well. */
const WIDEST = 120;

export async function main(args: string[]): Promise<number> {
  if (args.includes('--plugin')) return asPlugin(args);
  const { values } = readArguments(args, OPTIONS);
  const wrong = misuse(values);
  if (wrong !== null) throw new UsageError(wrong);
  const { path } = loadQueueConfig(configPath(values.config));
  if (values.watch) return watch(path);
  const now = Date.now();
  const status = await readStatus(path, now);
  const { found, ...read } = status;
  const problems = found.map(({ text }) => text);
  if (values.json) printJson({ ...read, problems });
  else print(...page(status, look(now, screenWidth())));
  return found.length === 0 ? 0 : 1;
}

function misuse({ watch: again, json, warning, critical }: Record<string, unknown>): string | null {
  if (warning !== undefined || critical !== undefined) return '-w and -c are for --plugin';
  if (again === true && json === true) return 'either --watch or --json';
  if (again === true && !process.stdout.isTTY)
    return '--watch needs a terminal: for scripts use --json';
  return null;
}

function look(now: number, columns: number) {
  const width = Math.max(40, Math.min(WIDEST, columns));
  return { now, host: hostname(), width, unicode: hasUnicode() };
}

async function watch(path: string): Promise<number> {
  await watchScreen(standardOutput(), async (columns) => {
    const now = Date.now();
    try {
      return page(await readStatus(path, now), look(now, columns));
    } catch (error) {
      // The queue may be readable again the next time.
      return [reasonWithPath(error)];
    }
  });
  return 0;
}

/** A plugin reports everything on stdout, even its own errors: Nagios shows nothing else. */
async function asPlugin(args: string[]): Promise<number> {
  try {
    const { values } = readArguments(args, OPTIONS);
    if (values.json || values.watch) throw new UsageError('--plugin goes with -w and -c only');
    const warn = readLimits('-w', values.warning);
    const critical = readLimits('-c', values.critical);
    const { path } = loadQueueConfig(configPath(values.config));
    const now = Date.now();
    const { state, output } = plugin(await readStatus(path, now), warn, critical, now);
    print(output);
    return state;
  } catch (error) {
    if (asksForHelp(error as Error)) throw error;
    print(unknown(mistakeIn(error as Error, OPTIONS) ?? reasonWithPath(error)));
    return 3;
  }
}
