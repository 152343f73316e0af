/** Shows what denywatch could read on this machine, to somebody who is about to configure it. */
import { kindOf, type SourceConfig } from '../source/kinds.ts';
import { sourceLines } from './example.ts';
import { isoSeconds } from '../text/times.ts';
import { bestSources, findInJournal, findLogs, type FoundLog } from './logs.ts';
import { HOSTS_DENY, readHostsDeny } from './hosts-deny.ts';
import { plural } from '../text/amounts.ts';
import { printFinding } from '../text/finding.ts';
import { print } from '../text/terminal.ts';

/** If refusals in the journal are newer than those in files by this, ms, they are not in files. */
const LATER = 3_600_000;

/** `37 refusals, the last at 2026-11-22T21:15:00Z` */
export function remarkOn({ refusals, last }: Pick<FoundLog, 'refusals' | 'last'>): string {
  if (refusals === 0) return 'no refusal yet';
  const when = last === null ? '' : `, the last at ${isoSeconds(last)}`;
  return `${plural(refusals, 'refusal')}${when}`;
}

/** Entries to paste under `sources`. */
export function linesFor(found: readonly FoundLog[]): string[] {
  return sourceLines(found.map((log) => ({ stream: log.stream, remark: remarkOn(log) })));
}

/**
 * Logs with refusals that no source reads. The journal and syslog's files have the same lines, so
 * one of the two is enough, unless the journal has newer refusals.
 */
export function unread(sources: readonly SourceConfig[], logs: readonly FoundLog[]): FoundLog[] {
  const isRead = ({ stream }: FoundLog) =>
    sources.some((source) => kindOf(source).reads(source, stream));
  const holding = logs.filter(({ refusals }) => refusals > 0);
  const read = holding.filter((log) => isRead(log));
  const newest = Math.max(...read.map(({ last }) => last ?? -Infinity));
  const hasFiles = holding.some(({ stream }) => stream !== 'journal');
  return holding.filter((log) => {
    if (isRead(log)) return false;
    return log.stream !== 'journal' || !hasFiles || (log.last ?? -Infinity) > newest + LATER;
  });
}

/** What `check` shows if there is no configuration. Returns the exit status. */
export async function firstRun(path: string): Promise<number> {
  const [logs, journal] = [await findLogs(), await findInJournal()];
  const rules = readHostsDeny();
  printFinding('note', `${path}: there is no configuration yet; this command changes nothing`);
  for (const { stream, problem, ...log } of [...logs, journal]) {
    if (problem === null)
      printFinding(log.refusals > 0 ? 'ok' : 'note', `${stream}: ${remarkOn(log)}`);
    else {
      const what = problem.startsWith(stream) ? problem : `${stream}: ${problem}`;
      printFinding('note', `${what}; run this as root`);
    }
  }
  printFinding(rules.fine ? 'ok' : 'note', `${HOSTS_DENY}: ${rules.text}`);
  print(
    '',
    'These lines of a configuration read the logs of this machine:',
    '',
    'sources:',
    ...linesFor(bestSources(logs, journal)),
    '',
    'To see all of it:              denywatch init --stdout',
    'To write it:                   denywatch init',
    'To see what it would send:     denywatch run --dry-run --once',
  );
  return 78;
}
