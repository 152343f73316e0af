/**
 * How far each stream was read, in the time of its lines. One log may be read long after another;
 * closing and forgetting wait until all of them are past that time.
 *
 * Of ten thousand streams most are quiet. Those that have reached the same time, as all have once
 * they are at their ends, share one row; only those that differ have a row of their own.
 */
import { isNumber } from './row.ts';

/** The row of the time that all streams without a row of their own have reached. */
const COMMON = 'clock';
const PREFIX = 'clock:';

type Row = readonly [key: string, value: string];

export class Clocks {
  #common = 0;
  /** Streams that were read to another time than the common one. */
  readonly #own = new Map<string, number>();
  readonly #streams = new Set<string>();
  /** Streams whose rows are out of date, and whether the common one is. */
  readonly #changed = new Set<string>();
  #isCommonChanged = false;
  readonly #stored = new Set<string>();
  /** The earliest and latest times of all streams; null where they are not known. */
  #bounds: { readonly least: number; readonly most: number } | null = null;

  /** @throws where a row is not one of its own */
  constructor(saved: Iterable<Row>) {
    for (const [key, value] of saved) {
      if (key === COMMON) this.#load(JSON.parse(value));
      else if (key.startsWith(PREFIX)) {
        const stream = key.slice(PREFIX.length);
        this.#stored.add(stream);
        this.#set(stream, timeOf(JSON.parse(value)));
      }
    }
    this.#changed.clear();
    this.#isCommonChanged = false;
  }

  /** How many streams there are. */
  get size(): number {
    return this.#streams.size;
  }

  /** Adds streams; one that was not known is at the common time. */
  follow(streams: Iterable<string>): void {
    for (const stream of streams) this.#streams.add(stream);
    this.#bounds = null;
  }

  /** Removes a stream, unless it was read to another time than most. */
  unfollow(stream: string): void {
    if (this.#own.has(stream)) return;
    this.#streams.delete(stream);
    this.#bounds = null;
  }

  /** A stream was read up to a line of this time. Times may go back: a clock was set. */
  read(stream: string, at: number): void {
    this.#set(stream, at);
  }

  /** All streams were read up to this time. */
  advance(now: number): void {
    if (now > this.#common) this.#setCommon(now);
    if (this.#own.size === 0) return;
    for (const [stream, at] of this.#own) {
      if (at > now) continue;
      if (now === this.#common) this.#forget(stream);
      else this.#set(stream, now);
    }
  }

  /** No stream was read further than this time. */
  setBack(now: number): void {
    for (const [stream, at] of this.#own) if (at > now) this.#set(stream, now);
    if (this.#common > now) this.#setCommon(now);
  }

  /** Every stream was read up to this time; Infinity if there is no stream. */
  horizon(): number {
    return this.#extent().least;
  }

  /** How far the furthest stream was read. */
  latest(): number {
    return this.#extent().most;
  }

  /** The rows that changed since the last call; null for a row to delete. */
  *changes(): Generator<readonly [key: string, value: string | null]> {
    // For a single stream nothing need be stored.
    if (this.size > 1) {
      if (this.#isCommonChanged) yield [COMMON, JSON.stringify(this.#common)];
      for (const stream of this.#changed) {
        const at = this.#own.get(stream);
        if (at !== undefined) this.#stored.add(stream);
        else if (!this.#stored.delete(stream)) continue;
        yield [PREFIX + stream, at === undefined ? null : JSON.stringify(at)];
      }
    }
    this.#changed.clear();
    this.#isCommonChanged = false;
  }

  #extent(): { readonly least: number; readonly most: number } {
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
    if (!this.#streams.has(stream)) this.follow([stream]);
    if (this.#own.get(stream) === at) return;
    if (at === this.#common) return this.#forget(stream);
    this.#own.set(stream, at);
    this.#changed.add(stream);
    this.#bounds = null;
  }

  #forget(stream: string): void {
    if (!this.#own.delete(stream)) return;
    this.#changed.add(stream);
    this.#bounds = null;
  }

  #setCommon(now: number): void {
    this.#common = now;
    this.#isCommonChanged = true;
    this.#bounds = null;
  }

  /** Older versions stored all streams in one row, by their names. */
  #load(value: unknown): void {
    if (typeof value !== 'object' || value === null) this.#common = timeOf(value);
    else for (const [stream, at] of Object.entries(value)) this.#set(stream, timeOf(at));
  }
}

function timeOf(value: unknown): number {
  if (!isNumber(value)) throw new Error('no time');
  return value;
}
