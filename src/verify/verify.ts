/**
 * Verifies a period: what the logs hold was counted, what was counted was reported or is in an open
 * window, and every result was delivered or is known to be elsewhere.
 */
import type { FoldConfig } from '../fold/config.ts';
import { sourceOf } from '../fold/key.ts';
import { Fold } from '../fold/fold.ts';
import type { Denial } from '../parse/denial.ts';
import { storedName } from '../pipeline/history-counts.ts';
import { savedTimeIn } from '../pipeline/timeline.ts';
import { HOUR, hourOf } from '../queue/history.ts';
import type { Refused } from '../queue/history-reader.ts';
import type { OutcomeRow, SavedStream } from '../queue/proof-reader.ts';
import { askQueue, type QueueReader } from '../queue/reader.ts';
import { kindOf } from '../source/kinds.ts';
import { plural } from '../text/amounts.ts';
import { isoSeconds } from '../text/times.ts';
import { safe } from '../text/name.ts';
import { compare, isOfAll, splitMoved, type Difference } from './compare.ts';
import { REMEMBERED, replay, type ReplayConfig, type Replayed } from './replay.ts';
import { sumsOf, unaccounted, type MonitorSum, type Unaccounted } from './results.ts';

/**
 * How much earlier than the period the logs are read, ms: a line near its beginning may count in
 * the hour before, and duplicates are recognised only together.
 */
const BEFORE = HOUR;

export interface VerifyConfig extends ReplayConfig {
  readonly queue: ReplayConfig['queue'] & { readonly path: string };
  readonly fold: FoldConfig;
}

/** What the queue file says, all of it of one moment. */
interface Stored {
  readonly counted: readonly Refused[];
  readonly brought: readonly Refused[];
  readonly saved: readonly SavedStream[];
  readonly outcomes: readonly OutcomeRow[];
  readonly totals: Readonly<Record<string, number>>;
  /** Denials in open windows. */
  readonly open: number;
}

/** What became of counted refusals. */
interface Alerts {
  /** In open windows. */
  readonly open: number;
  /** Ignored by a rule. */
  readonly ignored: number;
  readonly monitors: readonly MonitorSum[];
  /** How many refusals were counted, and are in no alert and no open window; since there is a queue. */
  readonly unreported: number;
  /** What does not add up. */
  readonly results: readonly Unaccounted[];
}

/**
 * All numbers are of refusals, unless they are named otherwise. Alerts may be of several hosts: what
 * became of them is not known for a single one.
 */
export interface Verdict extends Partial<Alerts> {
  readonly isGood: boolean;
  /** The logging host that it is about; null for all. */
  readonly host: string | null;
  /** The period: whole hours, ms since 1970. */
  readonly since: number;
  readonly until: number;
  /** What the history has of the period. */
  readonly counted: number;
  /** Brought by `denywatch denied`: no log need have them. */
  readonly brought: number;
  /** In the logs, and not read or not counted yet. */
  readonly unread: number;
  readonly pending: number;
  /** Counted in another hour than the logs say. */
  readonly moved: number;
  /** What does not add up. */
  readonly differences: readonly Difference[];
  /** Logs that could not be read. */
  readonly unreadable: readonly string[];
  /** Why counts may differ. */
  readonly reasons: readonly string[];
  /** What limits the period. */
  readonly notes: readonly string[];
}

/** What is verified. */
export interface Question {
  /** The beginning of the period, ms since 1970. */
  readonly since: number;
  readonly now: number;
  /** A logging host, named as in the history; null for all. */
  readonly host: string | null;
}

/**
 * Verifies the time from `since` until now. Changes nothing.
 * @throws QueueError if the queue cannot be read
 */
export async function verify(
  config: VerifyConfig,
  { since, now, host }: Question,
): Promise<Verdict> {
  const kept = now - config.history.keep;
  const begin = hourOf(Math.max(since, kept + HOUR));
  const stored = askQueue(config.queue.path, (queue) => read(queue, begin, config.fold));
  const replayed = await replay(config, {
    since: begin - BEFORE,
    now,
    host,
    saved: stored.saved,
  });
  const pending = stored.saved.flatMap(pendingIn);
  const isAsked = (one: { readonly host: string }) => host === null || one.host === host;
  const { real, moved } = splitMoved(
    compare({
      counted: stored.counted,
      logged: replayed.rows,
      brought: stored.brought,
      pending,
    }).filter((one) => isAsked(one) || isOfAll(one)),
  );
  const differences = real.filter(({ hour }) => hour >= begin);
  const within = (rows: readonly Refused[]) => sum(rows.filter((row) => row.hour >= begin));
  const sum = (rows: readonly Refused[]) =>
    rows.filter(isAsked).reduce((all, { denials }) => all + denials, 0);
  const alerts = host === null ? alertsOf(stored, begin) : null;
  const isReported = alerts === null || (alerts.unreported === 0 && alerts.results.length === 0);
  return {
    isGood: differences.length === 0 && isReported && replayed.problems.length === 0,
    host,
    since: begin,
    until: now,
    counted: within(stored.counted),
    brought: within(stored.brought),
    unread: replayed.unread,
    pending: sum(pending),
    moved,
    ...alerts,
    differences,
    unreadable: replayed.problems,
    reasons: reasonsFor(config, {
      stored,
      replayed,
      differences,
      unreported: alerts?.unreported ?? 0,
    }),
    notes: [
      ...notesOn(host, [...stored.counted, ...replayed.rows]),
      ...notesFor({ since, begin }, stored),
    ],
  };
}

/** What became of the counted refusals. */
function alertsOf({ totals, open, outcomes }: Stored, begin: number): Alerts {
  const { denials = 0, ignored = 0, reported = 0 } = totals;
  const its = outcomes.filter(({ hour }) => hour >= begin);
  return {
    open,
    ignored: its.reduce((sum, row) => sum + (row.what === 'ignored' ? row.denials : 0), 0),
    monitors: sumsOf(its),
    unreported: denials - ignored - reported - open,
    results: unaccounted(outcomes),
  };
}

function read({ history, proof, overview }: QueueReader, begin: number, fold: FoldConfig): Stored {
  const from = begin - BEFORE;
  const period = { since: from, until: Infinity, host: null };
  return {
    counted: history.rows(period, null, Number.MAX_SAFE_INTEGER),
    brought: proof.brought(from),
    saved: proof.streams(),
    outcomes: proof.outcomes(0),
    totals: overview.totals(),
    open: new Fold(fold, proof.folds()).open(),
  };
}

/** Denials that were read of a stream, and that wait for others. */
function pendingIn({ carry }: SavedStream): Refused[] {
  const time = savedTimeIn(carry);
  if (time === null) return [];
  const denials = [...time.unsettled.map(({ denial }) => denial), ...time.waiting];
  return denials.map(rowOf);
}

/** A denial as the history counts it. */
function rowOf(denial: Denial): Refused {
  const { at, host, daemon, count } = denial;
  return {
    hour: hourOf(at),
    host: storedName(host),
    daemon: safe(daemon),
    client: safe(sourceOf(denial)),
    denials: count,
  };
}

/** What limits the comparison, for certain. */
function notesFor(
  { since, begin }: { readonly since: number; readonly begin: number },
  { saved }: Stored,
): string[] {
  const notes: string[] = [];
  if (since < begin - HOUR)
    notes.push(`history.keep is shorter than the period: compared from ${isoSeconds(begin)} on`);
  for (const { stream, first } of saved)
    if (first !== null && first.at > begin)
      notes.push(`the agent read ${stream} for the first time at ${isoSeconds(first.at)}`);
  return notes;
}

/**
 * What limits what is said of one host.
 * @param rows what was counted, and what is in the logs
 */
function notesOn(host: string | null, rows: readonly Refused[]): string[] {
  if (host === null) return [];
  const notes = ['without --host it is also verified that what was counted was reported'];
  const whole = new Set(rows.filter(isOfAll).map(({ hour }) => hour));
  if (whole.size > 0)
    notes.unshift(
      `in ${plural(whole.size, 'hour')} not all hosts were counted individually, so all are compared together: raise history.clients`,
    );
  else if (!rows.some((row) => row.host === host))
    notes.unshift(
      `no refusal on ${host} is in the logs or was counted: denywatch report lists the hosts`,
    );
  return notes;
}

interface Findings {
  readonly stored: Stored;
  readonly replayed: Replayed;
  readonly differences: readonly Difference[];
  readonly unreported: number;
}

/**
 * Whether logs that are gone may explain differences: those that are left may begin in their hour.
 * @param logged what is in the logs, in the order of hours
 */
function areLogsGone(differences: readonly Difference[], logged: readonly Refused[]): boolean {
  const begins = new Map<string, number>();
  for (const { host, hour } of logged) if (!begins.has(host)) begins.set(host, hour);
  const beginOf = (one: Difference) => (isOfAll(one) ? logged[0]?.hour : begins.get(one.host));
  return differences.some((one) => one.missing < 0 && one.hour <= (beginOf(one) ?? Infinity));
}

/** What may explain differences. None of it is certain: otherwise it would be no difference. */
function reasonsFor(
  { sources }: VerifyConfig,
  { stored, replayed, differences, unreported }: Findings,
): string[] {
  const reasons: string[] = [];
  const unread = differences.some(({ missing }) => missing > 0);
  const gone = differences.some(({ missing }) => missing < 0);
  if (areLogsGone(differences, replayed.rows))
    reasons.push('logs of that time are gone: have logrotate, or the journal, keep them longer');
  const foreign = stored.saved
    .map(({ stream }) => stream)
    .filter((stream) => !sources.some((one) => kindOf(one).owns(one, stream)));
  if (unread && stored.saved.some(({ first: begun }) => begun === null))
    reasons.push('the queue is of an older version, which did not record where reading began');
  if (unread || gone)
    reasons.push('the sources or the version of denywatch may have been different then');
  const logged = replayed.rows.reduce((sum, { denials }) => sum + denials, 0);
  if (unread && stored.saved.length > 1 && logged > REMEMBERED)
    reasons.push(
      'there are too many refusals to recognise those that are in several logs: compare a shorter period with --since',
    );
  if (unreported !== 0 && (stored.totals['droppedWindows'] ?? 0) > 0)
    reasons.push('open windows were dropped, because they had no room: raise queue.size');
  // There may be thousands of these.
  if (gone) reasons.push(...foreign.map((stream) => `no source reads ${stream} any more`));
  if (gone) reasons.push(...replayed.losses);
  return reasons;
}
