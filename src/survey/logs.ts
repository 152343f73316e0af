/** Finds the logs of this machine that hold refusals: reads the end of each, and the journal. */
import { basename, join } from 'node:path';
import { Parser } from '../parse/parser.ts';
import { messagePattern } from '../parse/search.ts';
import { Glob } from '../source/file/glob.ts';
import { lastLines, lookAtFile } from '../source/file/look.ts';
import { surveyGlob } from '../source/file/members.ts';
import type { JournalSettings } from '../source/journal/config.ts';
import { lookAtJournal } from '../source/journal/look.ts';
import type { StreamLook } from '../source/kind.ts';

/** The directory of syslog's files. */
const LOGS = '/var/log';
/** The files to which the syslog of a distribution writes refusals. */
const USUAL = ['auth.log', 'syslog', 'secure', 'messages', 'authlog', 'daemon.log'];
/** The whole journal. */
const JOURNAL: JournalSettings = {
  kind: 'journal',
  from: null,
  units: [],
  identifiers: [],
  directory: null,
  namespace: null,
  machine: 'own',
};

/** Most logs that are checked. */
const MOST = 100;
/** A log counts as no longer written to if it is older than another one by this, ms. */
const DEAD = 2 * 86_400_000;

/** Files in that directory that are not text logs. */
const NO_LOG = /^(?:[wb]tmp|lastlog|faillog|tallylog|dpkg\.log|alternatives\.log|bootstrap\.log)/;

/** A log, or the journal, that was checked. */
export interface FoundLog {
  /** Path of the file; `journal`. */
  readonly stream: string;
  /** Refused connections in the part that was read. */
  readonly refusals: number;
  /** When the last of them was, ms since 1970. */
  readonly last: number | null;
  /** When it was last written to, ms since 1970; null if not known. */
  readonly written: number | null;
  /** Why it cannot be read, and what to do. */
  readonly problem: string | null;
}

/** Checks the logs in a directory. Files without refusals are returned only with a usual name. */
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

/** Counts refusals in a stream. It may just have been rotated: the previous file counts too. */
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

/** Checks the journal of the last days. Up to 200 refusals are counted. */
export async function findInJournal(): Promise<FoundLog> {
  const { streams } = await lookAtJournal(JOURNAL, { grep: messagePattern() });
  return lookAt(streams[0]!);
}

/** Whether a log is no longer written to while another one is. */
export function isDead(
  { written }: Pick<FoundLog, 'written'>,
  others: readonly FoundLog[],
): boolean {
  const newest = Math.max(...others.map((it) => it.written ?? -Infinity));
  return written !== null && written < newest - DEAD;
}

/**
 * What to read: logs that hold refusals or have a usual name, empty or not, if they are still
 * written to; also the journal, if it has refusals and none of the logs has any, or if there are no
 * logs.
 */
export function bestSources(logs: readonly FoundLog[], journal: FoundLog): FoundLog[] {
  const all = [...logs, journal];
  const alive = logs.filter((log) => log.problem === null && !isDead(log, all));
  const files = alive.filter(({ stream, refusals }) => refusals > 0 || isUsual(stream));
  const isHeld = files.some(({ refusals }) => refusals > 0);
  if (files.length === 0 || (!isHeld && journal.refusals > 0)) return [...files, journal];
  return files;
}
