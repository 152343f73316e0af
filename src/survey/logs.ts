/** Which logs of this machine hold refusals: a look at the end of each, and at the journal. */
import { basename, join } from 'node:path';
import { Parser } from '../parse/parser.ts';
import { messagePattern } from '../parse/search.ts';
import { Glob } from '../source/file/glob.ts';
import { lastLines, lookAtFile } from '../source/file/look.ts';
import { surveyGlob } from '../source/file/members.ts';
import type { JournalSettings } from '../source/journal/config.ts';
import { lookAtJournal } from '../source/journal/look.ts';
import type { StreamLook } from '../source/kind.ts';

/** Where syslog's files are. */
const LOGS = '/var/log';
/** What a distribution's syslog calls the files that refusals get into. */
const USUAL = ['auth.log', 'syslog', 'secure', 'messages', 'authlog', 'daemon.log'];
/** The journal, whoever writes to it. */
const JOURNAL: JournalSettings = {
  kind: 'journal',
  from: null,
  units: [],
  identifiers: [],
  directory: null,
  namespace: null,
  machine: 'own',
};

/** Most logs that are looked at. */
const MOST = 100;
/** A log that was last written to so long before another one, ms, is no longer written to. */
const DEAD = 2 * 86_400_000;

/** Files in that place that are not logs of lines. */
const NO_LOG = /^(?:[wb]tmp|lastlog|faillog|tallylog|dpkg\.log|alternatives\.log|bootstrap\.log)/;

/** A log, or the journal, that was looked at. */
export interface FoundLog {
  /** Path of the file; `journal`. */
  readonly stream: string;
  /** Refused connections in what was looked at. */
  readonly refusals: number;
  /** When the last of them was, ms since 1970. */
  readonly last: number | null;
  /** When it was last written to, ms since 1970; null where that is not known. */
  readonly written: number | null;
  /** Why it cannot be read, with the way out. */
  readonly problem: string | null;
}

/** Looks at the logs in a directory. A file with no refusal is given too where its name is usual. */
export async function findLogs(directory: string = LOGS): Promise<FoundLog[]> {
  const { logs } = surveyGlob(new Glob(join(directory, '*')));
  const paths = logs
    .filter((path) => !NO_LOG.test(basename(path)))
    .toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b))
    .slice(0, MOST);
  const found: FoundLog[] = [];
  for (const path of paths) found.push(await lookAt(lookAtFile(path)));
  return found.filter(({ stream, refusals }) => refusals > 0 || isUsual(stream));
}

function isUsual(path: string): boolean {
  return USUAL.includes(basename(path));
}

/** The usual ones come first, in their order. */
function rank(path: string): number {
  const place = USUAL.indexOf(basename(path));
  return place === -1 ? USUAL.length : place;
}

/** Counts what a stream holds. A file may have been rotated just now: the one before counts too. */
export async function lookAt(look: StreamLook): Promise<FoundLog> {
  const { stream, problem, written } = look;
  if (problem !== null) return { stream, refusals: 0, last: null, written, problem };
  const now = counted(await look.recent());
  const before = counted(lastLines(`${stream}.1`));
  const refusals = now.refusals + before.refusals;
  return { stream, refusals, last: now.last ?? before.last, written, problem };
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

/** Looks into the journal of the last days. Up to 200 refusals are counted. */
export async function findInJournal(): Promise<FoundLog> {
  const { streams } = await lookAtJournal(JOURNAL, { grep: messagePattern() });
  return lookAt(streams[0]!);
}

/** Whether a log is not written to any more, while another one is. */
export function isDead(
  { written }: Pick<FoundLog, 'written'>,
  others: readonly FoundLog[],
): boolean {
  const newest = Math.max(...others.map((it) => it.written ?? -Infinity));
  return written !== null && written < newest - DEAD;
}

/**
 * What to read: the logs that hold refusals or are usual, empty or not, as long as they are written
 * to; the journal too, where it has refusals and none of them has any, or where there are none.
 */
export function bestSources(logs: readonly FoundLog[], journal: FoundLog): FoundLog[] {
  const all = [...logs, journal];
  const alive = logs.filter((log) => log.problem === null && !isDead(log, all));
  const files = alive.filter(({ stream, refusals }) => refusals > 0 || isUsual(stream));
  const isHeld = files.some(({ refusals }) => refusals > 0);
  if (files.length === 0 || (!isHeld && journal.refusals > 0)) return [...files, journal];
  return files;
}
