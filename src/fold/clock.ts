/**
 * How far each stream was read, in the time of its lines. One log may be read long after another;
 * what is to be closed or forgotten waits until all of them are past it.
 *
 * Most streams of ten thousand are quiet: those that have come to the same time, as all have once
 * they are at their ends, are one row together, and only those that differ have a row of their own.
 */
import { isNumber } from './row.ts';

/** The row of the time that all streams have come to but for those with a row of their own. */
const COMMON = 'clock';
const PREFIX = 'clock:';

type Row = readonly [key: string, value: string];

export class Clocks {
  #common = 0;
  /** Streams that were read to another time than the common one. */
  readonly #own = new Map<string, number>();
  readonly #streams = new Set<string>();
  /** Rows that are not what they should be now. */
  readonly #changed = new Set<string>();
  readonly #stored = new Set<string>();
  /** Of all streams; null where it is not known. */
  #bounds: { readonly least: number; readonly most: number } | null = null;

  /** @throws where a row is none of its own */
  constructor(saved: Iterable<Row>) {
    for (const [key, value] of saved) {
      if (key === COMMON) this.#load(JSON.parse(value));
      else if (key.startsWith(PREFIX)) {
        this.#stored.add(key);
        this.#set(key.slice(PREFIX.length), timeOf(JSON.parse(value)));
      }
    }
    this.#changed.clear();
  }

  /** How many streams there are. */
  get size(): number {
    return this.#streams.size;
  }

  /** There are these streams too; one not known yet is where all are that have no row. */
  follow(streams: Iterable<string>): void {
    for (const stream of streams) this.#streams.add(stream);
    this.#bounds = null;
  }

  /** A stream was read as far as a line of this time. Times may go back: a clock was set. */
  read(stream: string, at: number): void {
    this.#set(stream, at);
  }

  /** All streams were read as far as this. */
  advance(now: number): void {
    if (now > this.#common) this.#setCommon(now);
    for (const [stream, at] of this.#own) {
      if (at > now) continue;
      if (now === this.#common) this.#forget(stream);
      else this.#set(stream, now);
    }
  }

  /** No stream was read further than this. */
  setBack(now: number): void {
    for (const [stream, at] of this.#own) if (at > now) this.#set(stream, now);
    if (this.#common > now) this.#setCommon(now);
  }

  /** Every stream was read as far as this; Infinity where there is none. */
  horizon(): number {
    return this.#ofAll().least;
  }

  /** As far as the stream that is furthest was read. */
  latest(): number {
    return this.#ofAll().most;
  }

  /** The rows that changed since the last call; null where a row is to be deleted. */
  *changes(): Generator<readonly [key: string, value: string | null]> {
    // One stream needs no memory of how far it was.
    if (this.size > 1)
      for (const key of this.#changed) {
        const at = key === COMMON ? this.#common : this.#own.get(key.slice(PREFIX.length));
        if (at !== undefined) this.#stored.add(key);
        else if (!this.#stored.delete(key)) continue;
        yield [key, at === undefined ? null : JSON.stringify(at)];
      }
    this.#changed.clear();
  }

  #ofAll() {
    if (this.#bounds !== null) return this.#bounds;
    const isCommon = this.#own.size < this.#streams.size;
    let least = isCommon ? this.#common : Infinity;
    let most = isCommon ? this.#common : -Infinity;
    for (const at of this.#own.values()) {
      if (at < least) least = at;
      if (at > most) most = at;
    }
    this.#bounds = { least, most };
    return this.#bounds;
  }

  #set(stream: string, at: number): void {
    this.#streams.add(stream);
    if (this.#own.get(stream) === at) return;
    this.#own.set(stream, at);
    this.#changed.add(PREFIX + stream);
    this.#bounds = null;
  }

  #forget(stream: string): void {
    this.#own.delete(stream);
    this.#changed.add(PREFIX + stream);
    this.#bounds = null;
  }

  #setCommon(now: number): void {
    this.#common = now;
    this.#changed.add(COMMON);
    this.#bounds = null;
  }

  /** Before there were many streams all of them were one row, by their names. */
  #load(value: unknown): void {
    if (typeof value !== 'object' || value === null) this.#common = timeOf(value);
    else for (const [stream, at] of Object.entries(value)) this.#set(stream, timeOf(at));
  }
}

function timeOf(value: unknown): number {
  if (!isNumber(value)) throw new Error('no time');
  return value;
}
