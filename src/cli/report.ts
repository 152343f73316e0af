/** The verb `report`: what was refused in a period. */
import { configPath } from '../config/place.ts';
import { loadQueueConfig } from '../queue/config.ts';
import { shortHostName } from '../host/name.ts';
import { writeWhole } from '../host/whole-file.ts';
import type { Period, Refused } from '../queue/history-reader.ts';
import { askQueue } from '../queue/reader.ts';
import { csvText } from '../report/csv.ts';
import { readFigures } from '../report/figures.ts';
import { htmlReport } from '../report/page.ts';
import { readTime } from '../report/period.ts';
import { terminalReport, type Screen } from '../report/terminal.ts';
import { readArguments, UsageError } from './arguments.ts';
import { HOSTS } from './words.ts';
import { hasUnicode } from '../text/layout.ts';
import { print, printJson, screenWidth, standardOutput } from '../text/terminal.ts';

export const help = `usage: denywatch report [--config PATH] [--since TIME] [--until TIME] [--host HOST]
                        [--html FILE] [--csv [FILE] | --json]

Shows what was refused in a period: when, from where, by which daemon, and on which hosts; and the
scans, sweeps and storms. It reads the queue file, whether the agent is running or not, and changes
nothing.

  --since TIME   the beginning: how long ago (12h, 7d), or a day or time in this machine's time
                 zone (2026-11-22, 2026-11-22T21:15); default 7d
  --until TIME   the end, in the same form; default now
  --host HOST    only refusals that this host logged
  --html FILE    write a page for a browser, as one file that loads nothing else
  --csv [FILE]   write comma-separated values to FILE or stdout: beginning of the hour (UTC), host,
                 daemon, client, denials; without a client, those not counted individually
  --json         write the figures as one line of JSON

The first and the last hour are always counted whole. history.keep in the configuration sets how far the
history goes back.
`;

export const OPTIONS = {
  config: { type: 'string' },
  since: { type: 'string', default: '7d' },
  until: { type: 'string', default: '0' },
  host: { type: 'string' },
  html: { type: 'string' },
  csv: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

export const VALUES = { since: ['1h', '24h', '7d', '30d'], host: HOSTS } as const;

/** Rows read at a time. */
const BLOCK = 10_000;

/** Keys of the figures that are times. */
const TIMES = new Set(['at', 'since', 'until', 'begin', 'first', 'last']);

export async function main(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, OPTIONS, 1);
  const now = Date.now();
  const [since, until] = [readTime(values.since, now), readTime(values.until, now)];
  if (since === null || until === null) {
    const wrong = since === null ? values.since : values.until;
    throw new UsageError(`'${wrong}' is not a time: use 7d, 2026-11-22 or 2026-11-22T21:15`);
  }
  if (since >= until) throw new UsageError('--since must be before --until');
  const [file] = positionals;
  if (file !== undefined && !values.csv)
    throw new UsageError(`unexpected argument '${file}': a FILE without an option needs --csv`);
  if (file === '') throw new UsageError('--csv needs the name of a file, or none');
  if (values.csv && values.json) throw new UsageError('--csv and --json: choose one of them');
  const { path } = loadQueueConfig(configPath(values.config));
  const period: Period = { since: Math.max(0, since), until, host: values.host ?? null };
  if (values.csv) {
    const text = csvText(rowsOf(path, period));
    if (file === undefined) for (const part of text) standardOutput().write(part);
    else writeWhole(file, text);
  }
  if (values.csv && values.html === undefined) return 0;
  const figures = askQueue(path, ({ history }) => readFigures(history, period));
  if (values.html !== undefined)
    writeWhole(values.html, [htmlReport(figures, { at: now, on: shortHostName() })]);
  if (values.json) printJson(figures, iso);
  else if (values.html === undefined) print(...terminalReport(figures, screen()));
  return 0;
}

/**
 * All rows of a period, in blocks: the reader may be slow, and the write-ahead log cannot shrink
 * while one state of the file is being read.
 */
function* rowsOf(path: string, period: Period): Generator<Refused> {
  for (let last: Refused | null = null; ;) {
    const block: Refused[] = askQueue(path, ({ history }) => history.rows(period, last, BLOCK));
    yield* block;
    if (block.length < BLOCK) return;
    last = block.at(-1)!;
  }
}

/** Times in ISO 8601. */
function iso(key: string, value: unknown): unknown {
  return TIMES.has(key) && typeof value === 'number' ? new Date(value).toISOString() : value;
}

function screen(): Screen {
  const { stdout, env } = process;
  return { width: screenWidth(), blocks: stdout.isTTY && hasUnicode(env) };
}
