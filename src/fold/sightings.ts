/**
 * Recognises the same event seen more than once: one refused connection written to several logs,
 * and the two lines that xinetd writes for one. Observers (the logs, or the kinds of line) see
 * events in their own time. If each sees an event once, the number of events is right whatever the
 * order of the sightings.
 */
import { StoredMap, type Room } from './stored-map.ts';

/** Two sightings are of one event if they are at most this far apart. */
const SLACK = 1000;
/** A time without a fraction usually is a truncated second, so the event may be that much later. */
const CUT = 999;
/**
 * How far a log's times may go back: it has the lines of several hosts, or of programs that wait
 * before they write, and a clock may be set. Past events are remembered for this long.
 */
const BACK = 60_000;
/**
 * Events this close together are kept as one with a count, so that a flood costs one entry a
 * second.
 */
const MERGE = 1000;
/** Most entries of one identity: a quarter of an hour of a flood, while an observer is behind. */
const ENTRIES = 1000;

interface Event {
  from: number;
  to: number;
  host: string | null;
  count: number;
  /** How many of `count` each observer has seen. */
  seen: Record<string, number>;
}

/** The events of one identity. */
interface Events {
  /** Ordered by `to`: what is matched first expires first. */
  events: Event[];
  /** The longest time that one of the events covers, and the end of the last one. */
  span: number;
  last: number;
}

/** One sighting: `count` events at `at`, seen by `observer`. */
export interface Sighting {
  readonly at: number;
  readonly host: string | null;
  readonly count: number;
  readonly observer: string;
}

export class Sightings {
  readonly #identities: StoredMap<Events>;
  #horizon = -Infinity;

  /** @param how many identities are remembered; the oldest are forgotten first */
  constructor(prefix: string, room: Room) {
    this.#identities = new StoredMap({ prefix, encode, decode, end: endOf, cost }, room);
  }

  owns(row: string): boolean {
    return this.#identities.owns(row);
  }

  load(row: string, value: string): void {
    this.#identities.load(row, value);
  }

  /** How many of the events are new: not seen by another observer before. */
  countNew(identity: string, sighting: Sighting): number {
    let known = this.#identities.get(identity);
    if (known === undefined) {
      while (this.#identities.isFull && this.#dropOldest()) {}
      known = { events: [], span: 0, last: -Infinity };
    }
    const count = match(known, sighting);
    this.#prune(known.events);
    this.#identities.set(identity, known);
    return count;
  }

  /** Forgets what no observer can see any more: all of them have reached `horizon`. */
  forget(horizon: number): void {
    this.#horizon = horizon;
    while (this.#identities.next() <= horizon) {
      this.#identities.delete(this.#identities.head()[0]);
    }
  }

  next(): number {
    return this.#identities.next();
  }

  changes() {
    return this.#identities.changes();
  }

  #prune(events: Event[]): void {
    let old = Math.max(0, events.length - ENTRIES);
    while (old < events.length && forgotten(events[old] as Event) <= this.#horizon) old++;
    if (2 * old > events.length || events.length > ENTRIES) events.splice(0, old);
  }

  /** False if there is none. */
  #dropOldest(): boolean {
    const oldest = this.#identities.least(() => 0);
    if (oldest !== undefined) this.#identities.delete(oldest[0]);
    return oldest !== undefined;
  }
}

/**
 * Finds the events that a sighting refers to, oldest first, and keeps the rest of it as new ones.
 */
function match(known: Events, { at, host, count, observer }: Sighting): number {
  const { events } = known;
  // "repeated 3 times" represents events since this observer's last line.
  const from = count > 1 ? Math.min(at, lastSeen(events, observer) ?? at) : at;
  let left = count;
  let near: Event | undefined;
  for (let i = firstEnding(events, from - SLACK - CUT); i < events.length && left > 0; i++) {
    const event = events[i] as Event;
    if (event.to > at + SLACK + CUT + known.span) break;
    if (!sameHost(event.host, host) || gap(event, from, at) > 0) continue;
    left -= take(event, observer, left);
    event.host ??= host;
    const last = i === events.length - 1;
    if (event.from <= at && at < event.from + MERGE && (last || at <= event.to)) near = event;
  }
  if (left === 0) return 0;
  if (near !== undefined && count === 1) {
    near.count += left;
    near.to = Math.max(near.to, at);
    take(near, observer, left);
    known.span = Math.max(known.span, near.to - near.from);
  } else {
    const event = { from, to: at, host, count: left, seen: { [observer]: left } };
    events.splice(firstEnding(events, at), 0, event);
    known.span = Math.max(known.span, at - from);
  }
  known.last = Math.max(known.last, at);
  return left;
}

/**
 * Marks up to `most` of an event as seen by `observer` that it had not seen yet; returns how many.
 */
function take(event: Event, observer: string, most: number): number {
  const seen = event.seen[observer] ?? 0;
  const taken = Math.min(most, event.count - seen);
  if (taken > 0) event.seen[observer] = seen + taken;
  return taken;
}

/** Milliseconds by which an event and a sighting are too far apart; 0 if they may be the same. */
function gap(event: Event, from: number, to: number): number {
  const cut = event.from % 1000 === 0 || to % 1000 === 0 ? CUT : 0;
  return Math.max(event.from - to, from - event.to) - SLACK - cut;
}

/** A host may be missing in one log, or have its full name in one and the short one in another. */
function sameHost(a: string | null, b: string | null): boolean {
  if (a === b || a === null || b === null) return true;
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x === y || x.startsWith(`${y}.`) || y.startsWith(`${x}.`);
}

function lastSeen(events: readonly Event[], observer: string): number | undefined {
  return events.findLast((event) => event.seen[observer] !== undefined)?.from;
}

/** Index of the first event that ends at `at` or later. */
function firstEnding(events: readonly Event[], at: number): number {
  let low = 0;
  for (let high = events.length; low < high;) {
    const middle = (low + high) >> 1;
    if ((events[middle] as Event).to < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const encode = ({ events }: Events) =>
  JSON.stringify(events.map((e) => [e.from, e.to, e.count, e.host, e.seen]));

function decode(text: string): Events {
  const rows = JSON.parse(text) as [number, number, number, string | null, Event['seen']][];
  const events = rows.map(([from, to, count, host, seen]) => ({ from, to, count, host, seen }));
  const span = Math.max(0, ...events.map((event) => event.to - event.from));
  return { events, span, last: Math.max(...events.map((event) => event.to)) };
}

/** The time after which no sighting of an event can come. */
const forgotten = ({ to }: Pick<Event, 'to'>) => to + SLACK + CUT + BACK + 1;
const endOf = ({ last }: Events) => forgotten({ to: last });

/** Memory of an identity, and of each of its events with its names. */
const cost = ({ events }: Events) => 300 + 250 * events.length;
