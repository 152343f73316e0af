/**
 * Names from log lines, as they are kept: bounded and copied. A slice of a string keeps the whole
 * string in memory, so a name in a window or a queue would hold its whole line.
 */

/** Longest name that is kept; libwrap's own buffers hold 128 bytes, a name in the DNS 255. */
export const LONGEST_NAME = 255;
const CUT = '...';
/** V8 itself copies what is shorter (SlicedString::kMinLength). */
const SLICED = 13;

export class Names {
  #cut = 0;
  /** The last name that was copied: a client without a name is its address, which comes next. */
  #last = '';

  /** How many names were cut so far. */
  get cut(): number {
    return this.#cut;
  }

  /** The name to keep; one that is cut ends in `...`. */
  keep<Name extends string | null>(name: Name): Name | string {
    if (name === null || name.length < SLICED) return name;
    if (name === this.#last) return this.#last;
    if (name.length <= LONGEST_NAME) return (this.#last = copied(name));
    this.#cut++;
    return copied(name.slice(0, LONGEST_NAME - CUT.length).toWellFormed() + CUT);
  }
}

/**
 * A copy of a text that may be a slice. A concatenated string is flattened when a slice is taken of it:
 * the slice is then of the copy.
 */
export function copied(text: string): string {
  return ` ${text}`.slice(1);
}
