/** Lines without any word that must be beside a needle. */
import { NEWLINE } from './needles.ts';

/** A part of a block. */
interface Range {
  readonly from: number;
  readonly end: number;
}

/**
 * Which lines of a part of a block have no word of BESIDE. In a log of near misses that is asked of
 * nearly every line, so the words are looked for in the whole part at once.
 */
export class BareLines {
  readonly #bytes: Buffer;
  readonly #range: Range;
  readonly #find: () => readonly number[];
  /** Where words may be, in order; null until it is asked for. */
  #words: readonly number[] | null = null;
  /** The first word behind the last place that was asked for. */
  #next = 0;
  /** The lines without any around that place. */
  #start = 0;
  #stop = 0;

  /** @param find gives the places in the part where words may be, in order */
  constructor(bytes: Buffer, range: Range, find: () => readonly number[]) {
    this.#bytes = bytes;
    this.#range = range;
    this.#find = find;
  }

  /** Whether the line at a place is whole in the part and has no word. Places are asked for in order. */
  has(place: number): boolean {
    if (place >= this.#stop) this.#move(place);
    return place >= this.#start && place < this.#stop;
  }

  #move(place: number): void {
    const words = (this.#words ??= this.#find());
    const { length } = this.#bytes;
    const { from, end } = this.#range;
    while (this.#next < words.length && words[this.#next]! < place) this.#next++;
    const before = this.#next === 0 ? from : words[this.#next - 1]!;
    const after = words[this.#next] ?? end;
    this.#start = before === 0 ? 0 : this.#bytes.indexOf(NEWLINE, before) + 1 || length;
    this.#stop = after === length ? length : this.#bytes.lastIndexOf(NEWLINE, after - 1) + 1;
  }
}
