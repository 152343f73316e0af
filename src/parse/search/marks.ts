/**
 * What the search with vector instructions looks for first: of each text three bytes, its mark, that
 * are rare in logs.
 */

/** The length of a mark, bytes. */
export const MARK = 3;
/** Bits of a byte: marks are looked for in so many groups. */
const GROUPS = 8;

/** The marks of some texts, and what texts may be where one is found. */
export class Marks<T> {
  /** What vectors.wat looks up: for each byte of a mark 16 bytes by its low bits, 16 by its high ones. */
  readonly lookups = new Uint8Array(2 * MARK * 16);
  readonly #known: readonly Buffer[];
  /** Values by the first two bytes of their marks: those of the number that is there, from 1 on. */
  readonly #values: T[][] = [[]];
  readonly #numbers = new Uint8Array(65_536);

  /** @param known the first of these that a text has is its mark; without one, its first bytes are */
  constructor(known: readonly string[]) {
    this.#known = known.map((mark) => Buffer.from(mark));
  }

  /** Has a text looked for. @param value makes what `at` gives, from the offset of the mark in the text */
  add(text: Buffer, value: (offset: number) => T): void {
    const number = this.#known.findIndex((mark) => text.includes(mark));
    const mark = this.#known[number] ?? text.subarray(0, MARK);
    const group = 1 << ((number + 1) % GROUPS);
    for (const [at, byte] of mark.entries()) {
      this.lookups[32 * at + (byte & 15)]! |= group;
      this.lookups[32 * at + 16 + (byte >> 4)]! |= group;
    }
    const start = mark.readUInt16LE();
    if (this.#numbers[start] === 0) this.#numbers[start] = this.#values.push([]) - 1;
    this.#values[this.#numbers[start]!]!.push(value(text.indexOf(mark)));
  }

  /** The values of the texts of which a part may be at a place. */
  at(bytes: Buffer, place: number): readonly T[] {
    return this.#values[this.#numbers[bytes[place]! | (bytes[place + 1]! << 8)]!]!;
  }
}
