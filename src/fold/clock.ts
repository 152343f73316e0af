/**
 * How far each stream was read, in the time of its lines. One log may be read long after another;
 * what is to be closed or forgotten waits until all of them are past it.
 */
const ROW = 'clock';

export class Clocks {
  #times: Map<string, number>;
  #changed = false;

  constructor(saved: Iterable<readonly [string, string]>) {
    const row = [...saved].find(([key]) => key === ROW)?.[1] ?? '{}';
    this.#times = new Map(Object.entries(JSON.parse(row) as Record<string, number>));
  }

  /** How many streams there are. */
  get size(): number {
    return this.#times.size;
  }

  /** There are these streams too; one not known yet has not been read at all. */
  follow(streams: Iterable<string>): void {
    for (const stream of streams) if (!this.#times.has(stream)) this.#times.set(stream, 0);
    this.#changed = true;
  }

  /** A stream was read as far as a line of this time. Times may go back: a clock was set. */
  read(stream: string, at: number): void {
    this.#times.set(stream, at);
    this.#changed = true;
  }

  /** All streams were read as far as this. */
  advance(now: number): void {
    for (const [stream, at] of this.#times) {
      if (at >= now) continue;
      this.#times.set(stream, now);
      this.#changed = true;
    }
  }

  /** No stream was read further than this. */
  setBack(now: number): void {
    for (const [stream, at] of this.#times) this.#times.set(stream, Math.min(at, now));
    this.#changed = true;
  }

  /** Every stream was read as far as this. */
  horizon(): number {
    let least = Infinity;
    for (const at of this.#times.values()) if (at < least) least = at;
    return least;
  }

  /** As far as the stream that is furthest was read. */
  latest(): number {
    let most = -Infinity;
    for (const at of this.#times.values()) if (at > most) most = at;
    return most;
  }

  *changes(): Generator<[key: string, value: string | null]> {
    // One stream needs no memory of how far it was.
    if (this.#changed && this.size > 1)
      yield [ROW, JSON.stringify(Object.fromEntries(this.#times))];
    this.#changed = false;
  }
}
