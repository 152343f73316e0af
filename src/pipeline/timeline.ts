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
  /**
   * Streams that are behind or have waiting denials: mostly none of the thousands that are
   * followed.
   */
  readonly #busy = new Set<string>();
  /** False when streams have waited for each other long enough, until all of them are followed. */
  #patient = true;

  /** @param streams that will be read, and that others wait for */
  constructor(streams: readonly string[], now: () => number) {
    this.#now = now;
    for (const stream of streams) this.#set(stream, NEW);
  }

  /** Whether a stream has more to read. */
  get isBehind(): boolean {
    return this.#busy.values().some((stream) => this.of(stream).mode === 'behind');
  }

  /** What is known of a stream. */
  of(stream: string): StreamTime {
    return this.#streams.get(stream) ?? NEW;
  }

  /** A time that the lines of a stream have passed, by their own times; ms since 1970. */
  passed(stream: string): number {
    const { mode, unsettled, shown } = this.of(stream);
    if (mode === 'live') return this.#now() - SLACK;
    return Math.min(unsettled.at(-1)?.denial.at ?? shown, this.#now()) - SLACK;
  }

  /** Adds lines of a stream. */
  take(stream: string, lines: readonly Line[]): Step {
    const state = this.of(stream);
    const mode = state.mode === 'away' ? 'behind' : state.mode;
    const all = [...state.unsettled, ...lines];
    const settled = mode === 'live' ? all.length : Math.max(0, all.length - UNSETTLED);
    return this.#step(stream, { ...settle(state, all, settled, this.#now()), mode });
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
    const silent = [...this.#busy].filter((stream) => this.of(stream) === NEW);
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
    if (state.unsettled.length === 0) return { ...state, mode };
    return { ...settle(state, state.unsettled, state.unsettled.length, this.#now()), mode };
  }

  #step(stream: string, state: StreamTime): Step {
    return this.#due(new Map([[stream, state]]));
  }

  /** What is due once these streams have these states. */
  #due(changed: Map<string, StreamTime>): Step {
    const { horizon, waiting } = this.#ahead(changed);
    const limit = this.#patient && waiting <= WAITING ? horizon : Infinity;
    const due: Timed[] = [];
    for (const [stream, state] of this.#with(changed)) {
      if (state.waiting.length === 0) continue;
      const later: Denial[] = [];
      for (const denial of state.waiting)
        if (denial.at <= limit) due.push({ denial, stream });
        else later.push(denial);
      changed.set(stream, { ...state, waiting: later });
    }
    const inOrder = limit === horizon && this.isBehind;
    if (inOrder) due.sort((a, b) => a.denial.at - b.denial.at);
    return { due, inOrder, states: changed };
  }

  /** The time that every stream with more to read has passed, and how many denials wait. */
  #ahead(changed: ReadonlyMap<string, StreamTime>): { horizon: number; waiting: number } {
    let horizon = Infinity;
    let waiting = 0;
    for (const [, state] of this.#with(changed)) {
      waiting += state.waiting.length;
      if (state.mode === 'behind' && state.passed < horizon) horizon = state.passed;
    }
    return { horizon, waiting };
  }

  /** These streams with their new states, and the other busy ones. */
  *#with(changed: ReadonlyMap<string, StreamTime>): Generator<[string, StreamTime]> {
    yield* changed;
    for (const stream of this.#busy) if (!changed.has(stream)) yield [stream, this.of(stream)];
  }

  #set(stream: string, state: StreamTime): void {
    this.#streams.set(stream, state);
    if (state.mode === 'behind' || state.waiting.length > 0) this.#busy.add(stream);
    else this.#busy.delete(stream);
  }
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
  now: number,
): StreamTime {
  const judged: Judged =
    state.mode === 'live' ? judgeLive(lines, state, now) : judgeBacklog(lines, settled, state, now);
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
