/** What `check` reports about sources: what each reads, cannot read, and leaves out. */
import { messagePattern } from '../parse/search.ts';
import type { SourceLook } from '../source/kind.ts';
import { describeSource, lookAtSource, type SourceConfig } from '../source/kinds.ts';
import type { FindingKind } from '../text/finding.ts';
import { plural } from '../text/amounts.ts';
import { isoSeconds } from '../text/times.ts';
import { remarkOn } from './first-run.ts';
import { isDead, lookAt, type FoundLog } from './logs.ts';

/** Most names that are listed one by one. */
const MOST = 20;

export interface SourceFinding {
  readonly kind: FindingKind;
  readonly key: string;
  readonly text: string;
}

/**
 * Checks one source.
 * @param index its place in the configuration, for the key of the findings
 * @param logs the logs of this machine; those that were checked already are not read again
 */
export async function checkSource(
  source: SourceConfig,
  index: number,
  logs: readonly FoundLog[],
): Promise<SourceFinding[]> {
  const key = `sources.${index}`;
  const look = await lookAtSource(source, { grep: messagePattern() });
  const findings: SourceFinding[] = look.streams.flatMap(({ problem }) =>
    problem === null ? [] : [{ kind: 'problem', key, text: problem }],
  );
  const readable: FoundLog[] = [];
  for (const stream of look.streams.filter(({ problem }) => problem === null))
    readable.push(logs.find((log) => log.stream === stream.stream) ?? (await lookAt(stream)));
  if (readable.length > 0) findings.push(canRead(key, readable));
  if (look.streams.length === 0) {
    const text = `${describeSource(source)} matches no file yet: files are read when they appear; is the pattern right?`;
    findings.push({ kind: 'note', key, text });
  }
  findings.push(...leavesOut(key, look), ...ended(key, readable, logs));
  return findings;
}

function canRead(key: string, readable: readonly FoundLog[]): SourceFinding {
  const shown = readable.slice(0, MOST).map((log) => `${log.stream} (${remarkOn(log)})`);
  const more = readable.length - shown.length;
  const text = `can read ${shown.join(', ')}${more > 0 ? `, and ${plural(more, 'other')}` : ''}`;
  return { kind: 'ok', key, text };
}

function leavesOut(key: string, { leftOut }: SourceLook): SourceFinding[] {
  if (leftOut.length === 0) return [];
  const shown = leftOut.slice(0, MOST).map(({ stream, why }) => `${stream} (${why})`);
  const more = leftOut.length - shown.length;
  const text = `leaves out ${shown.join(', ')}${more > 0 ? `, and ${plural(more, 'other')}` : ''}`;
  return [{ kind: 'note', key, text }];
}

/** Finds that nothing is written to a source any more, while another log is written to. */
function ended(
  key: string,
  readable: readonly FoundLog[],
  logs: readonly FoundLog[],
): SourceFinding[] {
  const newest = readable.toSorted((a, b) => (b.written ?? 0) - (a.written ?? 0))[0];
  const others = logs.filter(({ stream }) => !readable.some((log) => log.stream === stream));
  const living = others.find((other) => newest !== undefined && isDead(newest, [other]));
  if (newest?.written == null || living === undefined) return [];
  const since = isoSeconds(newest.written);
  const text = `${newest.stream} was last written to at ${since}, and ${living.stream} is written to now: if that one took its place, read it instead`;
  return [{ kind: 'problem', key, text }];
}
