/** The lines of a block as text. */

/** Bytes that are decoded at once. */
const PIECE = 4096;

/**
 * Decodes the lines of a block. Where they are close to each other, as in a flood of refusals, many are
 * decoded at once: a call for each line takes three times as long as cutting it out.
 */
export class LineTexts {
  readonly #bytes: Buffer;
  /** Where the last line ended. */
  #last = -PIECE;
  /** The piece that was decoded last: where it is, and its text if each character is one byte. */
  #start = 0;
  #end = 0;
  #text: string | null = null;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The text of the line from `start` to `end`. Lines are asked for in order. */
  of(start: number, end: number): string {
    if (end > this.#end && start - this.#last < PIECE) this.#decode(start);
    this.#last = end;
    if (this.#text === null || start < this.#start || end > this.#end)
      return this.#bytes.toString('utf8', start, end);
    return this.#text.slice(start - this.#start, end - this.#start);
  }

  #decode(start: number): void {
    this.#start = start;
    this.#end = Math.min(this.#bytes.length, start + PIECE);
    const text = this.#bytes.toString('utf8', start, this.#end);
    // As many characters as bytes: then each is at the place of its byte, also one for an invalid byte.
    this.#text = text.length === this.#end - start ? text : null;
  }
}
