/**
 * The agent's own log: pino, one line for each event on stderr, written for people. Under systemd
 * (which sets JOURNAL_STREAM) each line begins with its syslog priority as `<N>`.
 */
import pino, { type Logger } from 'pino';
import { escapeJson } from '../text/json.ts';
import { visible } from '../text/unseen.ts';
import { reasonWithPath, type Failed } from '../text/reason.ts';

/** systemd's sd-daemon(3) priorities for pino's levels. */
const PRIORITY: Record<number, number> = { 10: 7, 20: 7, 30: 6, 40: 4, 50: 3, 60: 2 };
const WORD: Record<number, string> = {
  10: 'debug',
  20: 'debug',
  40: 'warning',
  50: 'error',
  60: 'fatal',
};

/** Lines that cannot be written are kept for the next attempt, up to this many bytes. */
const UNWRITTEN = 64 * 1024;

export interface LogOptions {
  readonly level?: string;
  readonly json?: boolean;
  /** Write `<N>` before each line instead of the level as a word. */
  readonly priority?: boolean;
}

interface Entry {
  level: number;
  msg?: string;
  err?: Failed;
  [field: string]: unknown;
}

/** One log event as a line of text: the message, then its fields as `name=value`. */
export function formatEntry(entry: Entry, priority: boolean): string {
  const { level, time: _time, msg = '', err, ...fields } = entry;
  const word = WORD[level];
  const start = priority ? `<${PRIORITY[level] ?? 6}>` : word === undefined ? '' : `${word}: `;
  const rest = Object.entries(fields)
    .map(([name, value]) => ` ${name}=${plain(value)}`)
    .join('');
  const cause = err === undefined ? '' : `: ${reasonWithPath(err, msg + rest)}`;
  return visible(`${start}${msg}${cause}${rest}`) + '\n';
}

function plain(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

/** Opens the log. Writes are synchronous, so that nothing is lost when the process ends. */
export function openLog(options: LogOptions = {}): Logger {
  const {
    level = 'info',
    json = false,
    priority = process.env['JOURNAL_STREAM'] !== undefined,
  } = options;
  const stderr = pino.destination({ dest: 2, sync: true, maxLength: UNWRITTEN });
  // The agent continues if its log cannot be written (the disk is full, the reader is gone).
  stderr.on('error', () => {});
  if (json) {
    const write = (line: string) => stderr.write(`${escapeJson(line.trimEnd())}\n`);
    return pino({ base: null, level }, { write });
  }
  const write = (line: string) => stderr.write(formatEntry(JSON.parse(line) as Entry, priority));
  return pino({ base: null, level }, { write });
}
