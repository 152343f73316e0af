/**
 * Names out of log lines, as they are kept: bounded, and copied. A piece of a string keeps all of
 * it in memory, so that a name in a window or a queue would hold its whole line.
 */

/** Longest name that is kept; libwrap's own buffers hold 128 bytes, a name in the DNS 255. */
export const LONGEST_NAME = 255;
const CUT = '...';
/** Names come again and again. */
const MOST = 1000;

export class Names {
  readonly #known = new Map<string, string>();
  #cut = 0;

  /** How many names were cut so far. */
  get cut(): number {
    return this.#cut;
  }

  /** The name to keep; one that is too long ends in `...`. */
  keep<Name extends string | null>(name: Name): Name | string {
    if (name === null) return name;
    if (name.length > LONGEST_NAME) {
      this.#cut++;
      return copy(name.slice(0, LONGEST_NAME - CUT.length).toWellFormed() + CUT);
    }
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const own = copy(name);
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(own, own);
    return own;
  }
}

function copy(text: string): string {
  // oxlint-disable-next-line no-control-regex -- all of Latin-1, which is kept in a byte each
  const encoding = /^[\0-\xff]*$/.test(text) ? 'latin1' : 'utf16le';
  return Buffer.from(text, encoding).toString(encoding);
}
