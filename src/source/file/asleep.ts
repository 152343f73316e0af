/** Tails of quiet logs. They go on without searching for their files as after a restart. */
import type { Tail } from './tail.ts';

/**
 * How many are kept, each of some 7 KiB. With all of 10,000 logs that are written to in turns, garbage
 * collection takes what they save, and 100 MB.
 */
const MOST = 1_000;

export class Asleep {
  readonly #tails = new Map<string, Tail>();

  /** Puts the tail of an idle log to sleep; false where another tail has to go on. */
  add(path: string, tail: Tail): boolean {
    if (!tail.sleep()) return false;
    this.#tails.set(path, tail);
    const [oldest] = this.#tails.keys();
    if (this.#tails.size > MOST) this.#tails.delete(oldest!);
    return true;
  }

  /** Removes the tail of a log; undefined where there is none. */
  take(path: string): Tail | undefined {
    const tail = this.#tails.get(path);
    this.#tails.delete(path);
    return tail;
  }
}
