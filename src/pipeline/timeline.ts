/**
 * The denials of all streams in the order of their times. A denial of a stream that is followed is
 * due at once. In a backlog the last denials wait for those after them, by which their times are
 * judged; and while several streams have a backlog, a denial waits until all of them have reached
 * its time. So a backlog raises the alerts that it would have raised live, from any number of
 * streams.
 *
 *   take ─► judge by the clock or the order ─► wait for streams that are behind ─► due
 *
 * Computing a step changes nothing: a `Step` holds what is due and the state after that, for one
 * transaction, and `commit` applies it.
 */
import type { Denial } from '../parse/denial.ts';
import { HostOffsets, type SavedOffsets } from './host-offsets.ts';
import {
  judgeBacklog,
  judgeLive,
  SLACK,
  type Judged,
  type Known,
  type Line,
  type Reading,
} from './line-times.ts';

/** How many of the last denials of a backlog wait for those after them. */
const UNSETTLED = 2;
/** Most denials that wait for other streams, in total. */
const WAITING = 10_000;

/** A denial with its believed time, and the stream that it came from. */
export interface Timed {
  readonly denial: Denial;
  readonly stream: string;
}

export interface StreamTime extends Known {
  /** Behind: it has more to read. Away: it cannot be read for now. */
  readonly mode: 'behind' | 'live' | 'away';
  /** The last denials of a backlog. */
  readonly unsettled: readonly Line[];
  /** Denials that wait for other streams. */
  readonly waiting: readonly Denial[];
}

/** What is kept of a stream across a restart, as JSON; null for nothing. */
export type SavedTime = null | {
  /** Null before the first line. */
  readonly passed: number | null;
  readonly shown: number | null;
  readonly offsets: SavedOffsets;
  readonly unsettled: readonly Line[];
  readonly waiting: readonly Denial[];
};

/** What is due, and the streams whose state changes with it. */
export interface Step {
  readonly due: readonly Timed[];
  /** No stream has anything left that is earlier than these. */
  readonly inOrder: boolean;
  readonly states: ReadonlyMap<string, StreamTime>;
}

const NEW: StreamTime = {
  mode: 'behind',
  passed: -Infinity,
  shown: -Infinity,
  offsets: new HostOffsets(),
  unsettled: [],
  waiting: [],
};

export class Timeline {
  readonly #now: () => number;
  readonly #streams = new Map<string, StreamTime>();
  /** Streams with more to read: mostly none of the thousands that are followed. */
  readonly #behind = new Set<string>();
  /** Streams with denials that wait for other streams. */
  readonly #holding = new Set<string>();
  /** How many denials these are. */
  #waiting = 0;
  /** Since when streams have lines that were not read, ms since 1970. */
  readonly #unread = new Map<string, number>();
  /** False when streams have waited for each other long enough, until all of them are followed. */
  #patient = true;

  /** @param streams that will be read, and that others wait for */
  constructor(streams: readonly string[], now: () => number) {
    this.#now = now;
    for (const stream of streams) this.#set(stream, NEW);
  }

  /** Whether a stream has more to read. */
  get isBehind(): boolean {
    return this.#behind.size > 0;
  }

  /** What is known of a stream. */
  of(stream: string): StreamTime {
    return this.#streams.get(stream) ?? NEW;
  }

  /** A time that the lines of a stream have passed, by their own times; ms since 1970. */
  passed(stream: string): number {
    const { mode, unsettled, shown } = this.of(stream);
    if (mode === 'live') return this.#since(stream) - SLACK;
    return Math.min(unsettled.at(-1)?.denial.at ?? shown, this.#now()) - SLACK;
  }

  /** A stream has more to read: its next lines may be as old as this, however late they are read. */
  hasMore(stream: string): void {
    if (!this.#unread.has(stream)) this.#unread.set(stream, this.#now());
  }

  /** A stream has nothing more to read: its next lines are not written yet. */
  hasNoMore(stream: string): void {
    this.#unread.delete(stream);
  }

  /** Forgets a stream whose end is stored; false where others wait for it, or it for them. */
  forget(stream: string): boolean {
    const { mode, unsettled, waiting } = this.of(stream);
    if (mode === 'behind' || unsettled.length > 0 || waiting.length > 0) return false;
    this.#unread.delete(stream);
    return this.#streams.delete(stream);
  }

  /** Adds lines of a stream. */
  take(stream: string, lines: readonly Line[]): Step {
    const state = this.of(stream);
    const mode = state.mode === 'away' ? 'behind' : state.mode;
    const all = [...state.unsettled, ...lines];
    const settled = mode === 'live' ? all.length : Math.max(0, all.length - UNSETTLED);
    return this.#step(stream, { ...settle(state, all, settled, this.#reading(stream)), mode });
  }

  /** A stream was read to its end: it is followed from now on. */
  end(stream: string): Step {
    return this.#step(stream, this.#ended(stream, 'live'));
  }

  /** A stream cannot be read for now: its later lines are a backlog. */
  away(stream: string): Step {
    return this.#step(stream, this.#ended(stream, 'away'));
  }

  /** Streams have waited long enough for each other, and for those that have sent nothing. */
  hurry(): Step {
    this.#patient = false;
    const silent = [...this.#behind].filter((stream) => this.of(stream) === NEW);
    return this.#due(new Map(silent.map((stream) => [stream, { ...NEW, mode: 'away' }])));
  }

  commit({ states }: Step): void {
    for (const [stream, state] of states) this.#set(stream, state);
    if (!this.isBehind) this.#patient = true;
  }

  /** A stream will be read, with what was kept of it: others wait for it. */
  expect(stream: string, saved: SavedTime): void {
    if ((this.#streams.get(stream) ?? NEW) !== NEW) return;
    if (saved === null) return this.#set(stream, NEW);
    this.#set(stream, {
      ...saved,
      mode: 'behind',
      passed: saved.passed ?? -Infinity,
      shown: saved.shown ?? -Infinity,
      offsets: HostOffsets.restored(saved.offsets),
    });
  }

  #ended(stream: string, mode: StreamTime['mode']): StreamTime {
    const state = this.of(stream);
    const { unsettled } = state;
    if (unsettled.length === 0) return { ...state, mode };
    return { ...settle(state, unsettled, unsettled.length, this.#reading(stream)), mode };
  }

  #reading(stream: string): Reading {
    return { now: this.#now(), since: this.#since(stream) };
  }

  #since(stream: string): number {
    const now = this.#now();
    return Math.min(this.#unread.get(stream) ?? now, now);
  }

  #step(stream: string, state: StreamTime): Step {
    return this.#due(new Map([[stream, state]]));
  }

  /** What is due once these streams have these states. */
  #due(states: Map<string, StreamTime>): Step {
    const horizon = this.#horizonWith(states);
    const limit = this.#patient && this.#waitingWith(states) <= WAITING ? horizon : Infinity;
    const due: Timed[] = [];
    // Thousands of streams may have a denial that waits: they are looked at only if one can be due.
    const holding = limit === -Infinity ? [] : new Set([...states.keys(), ...this.#holding]);
    for (const stream of holding) {
      const state = states.get(stream) ?? this.of(stream);
      const later: Denial[] = [];
      for (const denial of state.waiting)
        if (denial.at <= limit) due.push({ denial, stream });
        else later.push(denial);
      if (later.length < state.waiting.length) states.set(stream, { ...state, waiting: later });
    }
    const inOrder = limit === horizon && this.isBehind;
    if (inOrder) due.sort((a, b) => a.denial.at - b.denial.at);
    return { due, inOrder, states };
  }

  /** How many denials wait once these streams have these states. */
  #waitingWith(states: ReadonlyMap<string, StreamTime>): number {
    let waiting = this.#waiting;
    for (const [stream, state] of states)
      waiting += state.waiting.length - this.of(stream).waiting.length;
    return waiting;
  }

  /** The time that every stream with more to read has passed, once these have these states. */
  #horizonWith(states: ReadonlyMap<string, StreamTime>): number {
    let horizon = Infinity;
    for (const { mode, passed } of states.values())
      if (mode === 'behind') horizon = Math.min(horizon, passed);
    for (const stream of this.#behind) {
      if (horizon === -Infinity) break;
      if (!states.has(stream)) horizon = Math.min(horizon, this.of(stream).passed);
    }
    return horizon;
  }

  #set(stream: string, state: StreamTime): void {
    this.#waiting += state.waiting.length - this.of(stream).waiting.length;
    this.#streams.set(stream, state);
    this.#behind[state.mode === 'behind' ? 'add' : 'delete'](stream);
    this.#holding[state.waiting.length > 0 ? 'add' : 'delete'](stream);
  }
}

/** What is kept of a stream in its row of the queue file. */
export function savedTimeIn(carry: unknown): SavedTime {
  return (carry as { readonly time?: SavedTime } | null)?.time ?? null;
}

/** What must be kept of a stream. */
export function savedTime(state: StreamTime): SavedTime {
  const { passed, shown, offsets, unsettled, waiting } = state;
  if (passed === -Infinity && unsettled.length === 0) return null;
  return {
    passed: finite(passed),
    shown: finite(shown),
    offsets: offsets.saved(),
    unsettled,
    waiting,
  };
}

function settle(
  state: StreamTime,
  lines: readonly Line[],
  settled: number,
  reading: Reading,
): StreamTime {
  const judged: Judged =
    state.mode === 'live'
      ? judgeLive(lines, state, reading)
      : judgeBacklog(lines, settled, state, reading.now);
  const { passed, shown, offsets, denials } = judged;
  return {
    mode: state.mode,
    passed,
    shown,
    offsets,
    unsettled: lines.slice(settled),
    waiting: denials.length === 0 ? state.waiting : [...state.waiting, ...denials],
  };
}

/** JSON has no infinity. */
function finite(time: number): number | null {
  return time === -Infinity ? null : time;
}
