/**
 * When windows end. While a stream has more to read, its lines give the time, and no window ends by
 * the clock. Once every stream is at its end, one timer is set for the end of the next window. With
 * no window open there is no timer, so an idle agent is not woken.
 */
import type { Folding } from './folding.ts';
import type { Timeline } from './timeline.ts';
import { STORE_AGAIN, type Stages, type Writer } from './writer.ts';

/** A line may be written this long after the time in it, ms: windows stay open for it. */
const WRITING = 1000;
/** A clock that goes back by more than this, ms, was set. */
const SET_BACK = 60_000;
const HOUR = 3_600_000;

export class WindowClock {
  readonly #folding: Folding;
  readonly #timeline: Timeline;
  readonly #writer: Writer;
  readonly #now: () => number;
  /** Streams with more to read. */
  readonly #behind = new Set<string>();
  /** The latest known time of the clock, ms since 1970. */
  #latest: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param latest the latest known time of the clock before, ms since 1970 */
  constructor(stages: Stages, writer: Writer, latest: number, now: () => number) {
    this.#folding = stages.folding;
    this.#timeline = stages.timeline;
    this.#writer = writer;
    this.#latest = latest;
    this.#now = now;
  }

  /** A stream has more to read. */
  stop(stream: string): void {
    this.#behind.add(stream);
  }

  /** A stream was read to its end, or cannot be read for now. */
  start(stream: string): void {
    this.#behind.delete(stream);
    this.advance();
  }

  /** Ends the windows that are due, once every stream was read to its end. */
  advance(): void {
    if (this.#behind.size > 0 || this.#timeline.isBehind) return;
    const due = this.#folding.next();
    clearTimeout(this.#timer);
    const now = this.#now() - WRITING;
    const setBack = now < this.#latest - SET_BACK;
    if (due === null) {
      // Nothing is open, and nothing ends: there is nothing to store.
      this.#folding[setBack ? 'setBack' : 'advance'](now);
      this.#latest = now;
      return;
    }
    const wait = due - now;
    if (wait > 0 && !setBack) {
      this.#latest = now;
      this.#timer = setTimeout(() => this.advance(), Math.min(wait, HOUR));
      return;
    }
    const stored = this.#writer.attempt(() =>
      this.#writer.write((folding) => (setBack ? folding.setBack(now) : folding.advance(now))),
    );
    if (stored) this.#latest = now;
    this.#timer = setTimeout(() => this.advance(), stored ? 0 : STORE_AGAIN);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
