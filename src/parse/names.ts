/**
 * Names out of log lines, as they are kept: bounded, and copied. A piece of a string keeps all of
 * it in memory, so that a name in a window or a queue would hold its whole line.
 */

/** Longest name that is kept; libwrap's own buffers hold 128 bytes, a name in the DNS 255. */
export const LONGEST_NAME = 255;
const CUT = '...';
/** V8 copies what is shorter by itself (SlicedString::kMinLength). */
const SLICED = 13;

export class Names {
  #cut = 0;
  /** The last name that was copied: a client without a name is its address, which comes next. */
  #last = '';

  /** How many names were cut so far. */
  get cut(): number {
    return this.#cut;
  }

  /** The name to keep; one that is too long ends in `...`. */
  keep<Name extends string | null>(name: Name): Name | string {
    if (name === null || name.length < SLICED) return name;
    if (name === this.#last) return this.#last;
    if (name.length <= LONGEST_NAME) return (this.#last = copy(name));
    this.#cut++;
    return copy(name.slice(0, LONGEST_NAME - CUT.length).toWellFormed() + CUT);
  }
}

/** What is put together is written anew once a piece of it is taken: a piece of the copy, then. */
function copy(text: string): string {
  return ` ${text}`.slice(1);
}
