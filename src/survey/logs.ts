/** Which logs of this machine hold refusals: a look at the end of each, and at the journal. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from '../parse/parser.ts';
import { messagePattern } from '../parse/search.ts';
import { journalctl, narrowing } from '../source/journal/command.ts';

/** Where syslog's files are. */
const LOGS = '/var/log';
/** What a distribution's syslog calls the files that refusals get into. */
const USUAL = ['auth.log', 'syslog', 'secure', 'messages', 'authlog', 'daemon.log'];

/** Bytes at the end of a log that are looked at, and most logs. */
const TAIL = 4 * 1024 ** 2;
const MOST = 100;
/** The journal is asked for so many records of so many days, and given so long, ms. */
const RECORDS = 200;
const SINCE = '-7d';
const PATIENCE = 5000;

/** Names of logs that were rotated away, and of files in that place that are no logs of lines. */
const ROTATED = /\.(?:\d+|old|gz|xz|bz2|zst)$|-\d{8}/;
const NO_LOG = /^(?:[wb]tmp|lastlog|faillog|tallylog|dpkg\.log|alternatives\.log|bootstrap\.log)/;

/** A log, or the journal, that was looked at. */
export interface FoundLog {
  /** Path of the file; `journal`. */
  readonly stream: string;
  /** Refused connections in what was looked at. */
  readonly refusals: number;
  /** When the last of them was, ms since 1970. */
  readonly last: number | null;
  /** Why it cannot be read, in the system's words. */
  readonly problem: string | null;
}

/** Looks at the logs in a directory. A file with no refusal is given too where its name is usual. */
export function findLogs(directory: string = LOGS): FoundLog[] {
  const names = entriesOf(directory)
    .filter((entry) => entry.isFile() && !ROTATED.test(entry.name) && !NO_LOG.test(entry.name))
    .map(({ name }) => name)
    .toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  return names
    .slice(0, MOST)
    .map((name) => lookAt(join(directory, name)))
    .filter(
      ({ stream, refusals }) => refusals > 0 || USUAL.some((name) => stream.endsWith(`/${name}`)),
    );
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    // A machine without such a directory has its logs elsewhere.
    return [];
  }
}

/** The usual ones come first, in their order. */
function rank(name: string): number {
  const place = USUAL.indexOf(name);
  return place === -1 ? USUAL.length : place;
}

/** Looks at one log. It may have been rotated just now: the one before it counts for it. */
export function lookAt(path: string): FoundLog {
  const found = count(path);
  if (found.problem !== null) return found;
  const before = count(`${path}.1`);
  return {
    ...found,
    refusals: found.refusals + before.refusals,
    last: found.last ?? before.last,
  };
}

function count(path: string): FoundLog {
  try {
    return { stream: path, ...counted(tailOf(path)), problem: null };
  } catch (error) {
    return { stream: path, refusals: 0, last: null, problem: (error as Error).message };
  }
}

function counted(bytes: Buffer): Pick<FoundLog, 'refusals' | 'last'> {
  let refusals = 0;
  let last: number | null = null;
  new Parser().read(
    { stream: '-', bytes },
    {
      denial(denial, { dated }) {
        refusals += denial.count;
        if (dated) last = denial.at;
      },
    },
  );
  return { refusals, last };
}

/** The last whole lines of a file. */
function tailOf(path: string): Buffer {
  // Not blocking: whoever opens a FIFO waits for somebody who writes into it.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new Error('it is not a regular file; name a log');
    const { size } = stat;
    const from = Math.max(0, size - TAIL);
    const bytes = Buffer.alloc(size - from);
    const read = readSync(fd, bytes, 0, bytes.length, from);
    return bytes.subarray(from === 0 ? 0 : bytes.indexOf(10) + 1, read);
  } finally {
    closeSync(fd);
  }
}

/** Looks into the journal of the last days. Up to 200 refusals are counted. */
export async function findInJournal(): Promise<FoundLog> {
  const args = ['--since', SINCE, '-r', '-n', String(RECORDS)];
  const stream = 'journal';
  try {
    const parts: Buffer[] = [];
    const asked = journalctl(
      [...args, ...narrowing(messagePattern(), new Set())],
      AbortSignal.timeout(PATIENCE),
    );
    for await (const part of asked) parts.push(part);
    const { refusals, last } = counted(Buffer.concat(parts));
    return { stream, refusals, last, problem: null };
  } catch (error) {
    return { stream, refusals: 0, last: null, problem: (error as Error).message };
  }
}

/**
 * What to read: the logs with refusals, else the journal if it has some, else the usual logs, else
 * the journal.
 */
export function bestSources(logs: readonly FoundLog[], journal: FoundLog): FoundLog[] {
  const holding = logs.filter(({ refusals }) => refusals > 0);
  if (holding.length > 0) return holding;
  if (journal.refusals > 0) return [journal];
  const usual = logs.filter(({ problem }) => problem === null).slice(0, 2);
  return usual.length > 0 ? usual : [journal];
}
