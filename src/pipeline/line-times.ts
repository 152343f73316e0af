/**
 * When the lines of a stream were written. A line has a time, which may be wrong: its host has
 * another clock or zone, the line was delayed, or somebody forged it. So its time is believed only
 * within bounds. While a stream is followed, this machine's clock sets them: a line that comes now
 * was written in the last minute, or since the stream is known to have lines that are not read yet.
 * In a backlog the order of the stream sets them: a line was written between those before and after
 * it, and not later than now.
 */
import type { Denial } from '../parse/denial.ts';
import type { HostOffsets } from './host-offsets.ts';
import { rising } from './rising.ts';

/** How long a followed line may take to arrive, and how far lines may be out of order, ms. */
export const SLACK = 60_000;
/** How often a backlog is judged again with the offsets that were learned from it. */
const LOOKS = 3;

/** A denial, with whether its line has a time. */
export interface Line {
  readonly denial: Denial;
  /** The line has a time. */
  readonly dated: boolean;
}

/** What is known of the time of a stream. */
export interface Known {
  /** When the last line in order was written, ms since 1970; -Infinity before the first. */
  readonly passed: number;
  /** The time in that line itself. */
  readonly shown: number;
  readonly offsets: HostOffsets;
}

/** Denials with their believed times, and what is known after them. */
export interface Judged extends Known {
  readonly denials: readonly Denial[];
}

/** When lines are read, ms since 1970. */
export interface Reading {
  readonly now: number;
  /** Since when the stream has lines that were not read; `now` where they are read at once. */
  readonly since: number;
}

/** Judges lines of a stream that is followed. */
export function judgeLive(lines: readonly Line[], known: Known, { now, since }: Reading): Judged {
  const offsets = known.offsets.copy();
  const bounds = { least: since - SLACK, most: now + SLACK, otherwise: now };
  const denials = lines.map(({ denial, dated }) => {
    const at = dated ? offsets.correct(hostOf(denial), denial.at, bounds) : now;
    return withTime(denial, Math.min(at, now));
  });
  return { denials, passed: since, shown: known.shown, offsets };
}

/**
 * Judges the first `settled` lines of a backlog by their order; the lines after them are for
 * comparison.
 */
export function judgeBacklog(
  lines: readonly Line[],
  settled: number,
  known: Known,
  now: number,
): Judged {
  let { offsets } = known;
  for (let look = 1; ; look++) {
    const judged = judgeInOrder(lines, settled, { ...known, offsets }, now);
    const learned = judged.offsets.changedSince(offsets).length > 0;
    if (!learned || look === LOOKS) return judged;
    offsets = judged.offsets;
  }
}

function judgeInOrder(lines: readonly Line[], settled: number, known: Known, now: number): Judged {
  const offsets = known.offsets.copy();
  const times = lines.map(({ denial, dated }) => {
    const at = denial.at + known.offsets.of(hostOf(denial));
    return dated && at >= known.passed - SLACK && at <= now + SLACK ? at : Number.NaN;
  });
  const inOrder = rising(times);
  const next = nextOf(times, inOrder);
  let { passed, shown } = known;
  const denials = lines.slice(0, settled).map(({ denial, dated }, i) => {
    if (inOrder[i]) {
      passed = Math.max(passed, times[i]!);
      shown = denial.at;
    }
    const most = Math.min(next[i]!, now);
    const otherwise = passed === -Infinity ? most : passed;
    const bounds = { least: otherwise - SLACK, most: most + SLACK, otherwise };
    const at = dated ? offsets.correct(hostOf(denial), denial.at, bounds) : otherwise;
    return withTime(denial, Math.min(at, now));
  });
  return { denials, passed, shown, offsets };
}

/**
 * For each line the time of the first line from it onwards that is in order; Infinity after the
 * last.
 */
function nextOf(times: readonly number[], inOrder: readonly boolean[]): number[] {
  const next: number[] = [];
  let time = Infinity;
  for (let i = times.length - 1; i >= 0; i--) {
    if (inOrder[i]) time = times[i]!;
    next[i] = time;
  }
  return next;
}

const hostOf = ({ host }: Denial) => host ?? '';

function withTime(denial: Denial, at: number): Denial {
  return at === denial.at ? denial : { ...denial, at };
}
