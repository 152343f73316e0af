/** The verb `verify`: whether every refusal in the logs was counted and reported. */
import { loadWithoutMonitors } from '../agent/config.ts';
import { configPath } from '../config/place.ts';
import { readTime } from '../report/period.ts';
import { print, printJson } from '../text/terminal.ts';
import { verify } from '../verify/verify.ts';
import { words } from '../verify/words.ts';
import { readArguments, UsageError } from './arguments.ts';
import { HOSTS } from './words.ts';

export const help = `usage: denywatch verify [--config PATH] [--since TIME] [--host HOST] [--json]

Reads the logs of a period again, with rotated and compressed files, up to the position that the
agent has reached. Compares the refusals in them with those that the agent has counted, by hour,
host, daemon and client; and the alerts with what became of them: delivered, waiting, refused by the
monitor, or dropped. Changes nothing. The agent may run at the same time.

  --since TIME   the beginning: how long ago (12h, 7d), or a day or time in this machine's time
                 zone (2026-11-22, 2026-11-22T21:15); default 24h
  --host HOST    only refusals that this host logged, and whether they were counted: an alert may be
                 of several hosts
  --json         write all sums and differences as one line of JSON

The first hour is compared whole. Run it as a user who may read the logs and the queue.

Exit status: 0 all is accounted for, 1 something is not, 78 the configuration has a mistake.
`;

export const OPTIONS = {
  config: { type: 'string' },
  since: { type: 'string', default: '24h' },
  host: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export const VALUES = { since: ['1h', '24h', '7d', '30d'], host: HOSTS } as const;

/** Keys of the verdict that are times. */
const TIMES = new Set(['since', 'until', 'hour']);

export async function main(args: string[]): Promise<number> {
  const { values } = readArguments(args, OPTIONS);
  const now = Date.now();
  const since = readTime(values.since, now);
  if (since === null || since >= now)
    throw new UsageError(
      `'${values.since}' is not a time before now: use 24h, 2026-11-22 or 2026-11-22T21:15`,
    );
  const config = loadWithoutMonitors(configPath(values.config));
  const { host = null } = values;
  const verdict = await verify(config, { since: Math.max(0, since), now, host });
  if (values.json) printJson(verdict, iso);
  else print(...words(verdict));
  return verdict.isGood ? 0 : 1;
}

/** Times in ISO 8601. */
function iso(key: string, value: unknown): unknown {
  return TIMES.has(key) && typeof value === 'number' ? new Date(value).toISOString() : value;
}
