/**
 * The same event told more than once: one refused connection written to several logs, and the two
 * lines that xinetd writes for one. Tellers (the logs, or the kinds of line) tell of events in
 * their own time; as long as each tells an event once, the number of events is right whatever the
 * order in which they are heard.
 */
import { Kept } from './kept.ts';

/** Two tellings are of one event if they are at most this far apart. */
const SLACK = 1000;
/** A time with no fraction is most often a second cut short, so it may be that much later. */
const CUT = 999;
/**
 * How far a log's times may go back: it has the lines of several hosts, or of programs that wait
 * before they write, and a clock may be set. So long are events remembered that are past.
 */
const BACK = 60_000;
/** Events this close are kept as one with a count, so that a flood costs an entry a second. */
const MERGE = 1000;
/** Most entries of one identity: a quarter of an hour of a flood, while a teller is behind. */
const ENTRIES = 1000;

interface Event {
  from: number;
  to: number;
  host: string | null;
  count: number;
  /** How many of `count` each teller has told. */
  told: Record<string, number>;
}

/** The events of one identity. */
interface Bucket {
  /** Ordered by `to`: what is matched first can be matched least long. */
  events: Event[];
  /** The longest time that one of the events covers, and the end of the last one. */
  span: number;
  last: number;
}

/** One telling: `count` events at `at`, by `teller`. */
export interface Telling {
  readonly at: number;
  readonly host: string | null;
  readonly count: number;
  readonly teller: string;
}

export class Same {
  readonly #buckets: Kept<Bucket>;
  readonly #limit: number;
  #horizon = -Infinity;

  /** @param limit how many identities are remembered at most; the oldest are forgotten first */
  constructor(prefix: string, limit: number, saved: Iterable<readonly [string, string]>) {
    this.#limit = limit;
    this.#buckets = new Kept({ prefix, encode, decode, end: endOf }, saved);
  }

  /** How many of the events told are new: told by no other teller before. */
  tell(identity: string, telling: Telling): number {
    const bucket = this.#buckets.get(identity) ?? { events: [], span: 0, last: -Infinity };
    const fresh = match(bucket, telling);
    this.#prune(bucket.events);
    this.#buckets.set(identity, bucket);
    if (this.#buckets.size > this.#limit) this.#drop();
    return fresh;
  }

  /** Forgets what no teller can tell any more: every one of them has come to `horizon`. */
  forget(horizon: number): void {
    this.#horizon = horizon;
    while (this.#buckets.next() <= horizon) {
      this.#buckets.delete(this.#buckets.head()[0]);
    }
  }

  next(): number {
    return this.#buckets.next();
  }

  changes() {
    return this.#buckets.changes();
  }

  #prune(events: Event[]): void {
    let old = Math.max(0, events.length - ENTRIES);
    while (old < events.length && forgotten(events[old] as Event) <= this.#horizon) old++;
    if (2 * old > events.length || events.length > ENTRIES) events.splice(0, old);
  }

  #drop(): void {
    const oldest = this.#buckets.least(() => 0);
    if (oldest !== undefined) this.#buckets.delete(oldest[0]);
  }
}

/** Finds the events that a telling is of, oldest first, and keeps the rest of it as new ones. */
function match(bucket: Bucket, { at, host, count, teller }: Telling): number {
  const { events } = bucket;
  // "repeated 3 times" stands for events since this teller's last line.
  const from = count > 1 ? Math.min(at, lastTold(events, teller) ?? at) : at;
  let fresh = count;
  let near: Event | undefined;
  for (let i = firstEnding(events, from - SLACK - CUT); i < events.length && fresh > 0; i++) {
    const event = events[i] as Event;
    if (event.to > at + SLACK + CUT + bucket.span) break;
    if (!sameHost(event.host, host) || gap(event, from, at) > 0) continue;
    fresh -= take(event, teller, fresh);
    event.host ??= host;
    const last = i === events.length - 1;
    if (event.from <= at && at < event.from + MERGE && (last || at <= event.to)) near = event;
  }
  if (fresh === 0) return 0;
  if (near !== undefined && count === 1) {
    near.count += fresh;
    near.to = Math.max(near.to, at);
    take(near, teller, fresh);
    bucket.span = Math.max(bucket.span, near.to - near.from);
  } else {
    const event = { from, to: at, host, count: fresh, told: { [teller]: fresh } };
    events.splice(firstEnding(events, at), 0, event);
    bucket.span = Math.max(bucket.span, at - from);
  }
  bucket.last = Math.max(bucket.last, at);
  return fresh;
}

/** Has `teller` tell up to `most` of what it has not told yet of an event; gives how many. */
function take(event: Event, teller: string, most: number): number {
  const told = event.told[teller] ?? 0;
  const taken = Math.min(most, event.count - told);
  if (taken > 0) event.told[teller] = told + taken;
  return taken;
}

/** Milliseconds by which an event and a telling are too far apart; none if they may be the same. */
function gap(event: Event, from: number, to: number): number {
  const cut = event.from % 1000 === 0 || to % 1000 === 0 ? CUT : 0;
  return Math.max(event.from - to, from - event.to) - SLACK - cut;
}

/** A host may be missing in one log, or be its full name in one and the short one in another. */
function sameHost(a: string | null, b: string | null): boolean {
  if (a === b || a === null || b === null) return true;
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x === y || x.startsWith(`${y}.`) || y.startsWith(`${x}.`);
}

function lastTold(events: readonly Event[], teller: string): number | undefined {
  return events.findLast((event) => event.told[teller] !== undefined)?.from;
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

const encode = (bucket: Bucket) =>
  JSON.stringify(bucket.events.map((e) => [e.from, e.to, e.count, e.host, e.told]));

function decode(text: string): Bucket {
  const rows = JSON.parse(text) as [number, number, number, string | null, Event['told']][];
  const events = rows.map(([from, to, count, host, told]) => ({ from, to, count, host, told }));
  const span = Math.max(0, ...events.map((event) => event.to - event.from));
  return { events, span, last: Math.max(...events.map((event) => event.to)) };
}

/** When no telling of an event is to come any more. */
const forgotten = ({ to }: Pick<Event, 'to'>) => to + SLACK + CUT + BACK + 1;
const endOf = ({ last }: Bucket) => forgotten({ to: last });
