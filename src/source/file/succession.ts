/**
 * Whether a file that replaced another is a longer copy of it: rsync and editors write a new file
 * and rename it, cp writes over the old one from the start. What was read of the old file must not
 * be read again; but a new log that happens to begin alike must be. A longer copy that was rotated
 * and compressed before anybody looked is read by the segment of the old file.
 */
import { passOver, placeAt, type PlainContent, type Place } from './content.ts';
import type { FoundFile } from './found.ts';
import { PRINT, printOf, type Mark } from './position.ts';

/** How long a file that begins like the one before it may take to become a copy of it, ms. */
const COPYING = 1_000;
const NOTHING = Buffer.alloc(0);

/** A file before, as far as it is known now. */
interface Before {
  readonly mark: Mark;
  /** Its first bytes, empty where only their fingerprint is known. */
  readonly head: Buffer;
  /** Called when the file is known to be in the later one as a whole. */
  complete(): void;
}

/** The later file has what was read of one before: it is read from there. */
export interface Passed {
  readonly place: Place;
  readonly of: Before;
}

export class Succession {
  readonly #befores: () => readonly Before[];
  #size = -1;
  #since = 0;

  /** @param befores the files that it may be a longer copy of */
  constructor(befores: () => readonly Before[]) {
    this.#befores = befores;
  }

  /** Whether the last judgement was `undecided`. */
  get isWaiting(): boolean {
    return this.#size !== -1;
  }

  /**
   * @param start the file's first bytes
   * @returns `other` where it is to be read from its start, `undecided` where it may still become a
   * copy
   */
  judge(content: PlainContent, start: Buffer): Passed | 'other' | 'undecided' {
    const alike = this.#beginLike(start);
    const size = content.size();
    for (const of of alike) {
      const place = size > of.mark.offset ? placeAfter(content, of.mark) : null;
      if (place !== null) return { place, of };
    }
    if (alike.every(({ mark }) => size > mark.offset)) return 'other';
    if (size !== this.#size) {
      this.#size = size;
      this.#since = performance.now();
    }
    return performance.now() - this.#since < COPYING ? 'undecided' : 'other';
  }

  /** The same for a compressed file; null where it is to be read from its start. */
  async judgePacked(found: FoundFile): Promise<Passed | null> {
    for (const of of this.#beginLike(found.head())) {
      const { offset, tail } = of.mark;
      const passed = await passOver(found.packing!, found.takeDescriptor(), of.mark);
      // If it is another file, or a damaged one, reading it shows that.
      if (passed !== null && !(passed instanceof Error))
        return { place: placeAt(offset, passed, tail), of };
    }
    return null;
  }

  /** Those that begin like a file, the one that was read furthest first. */
  #beginLike(start: Buffer): readonly Before[] {
    return this.#befores()
      .filter(({ mark }) => mark.offset > 0 && start.length > 0)
      .filter(({ mark, head }) => beginsAlike(start, mark, head))
      .toSorted((a, b) => b.mark.offset - a.mark.offset);
  }
}

function beginsAlike(start: Buffer, mark: Mark, head: Buffer): boolean {
  const { size, hash } = mark.head;
  if (start.length >= size) return printOf(start.subarray(0, size)).hash === hash;
  return head.length > 0 && head.subarray(0, start.length).equals(start);
}

/** The place after what the mark records as read, if the file has all of that; otherwise null. */
function placeAfter(content: PlainContent, { offset, tail: print }: Mark): Place | null {
  const at = offset - print.size;
  const before = placeAt(at, NOTHING);
  // A read proves the file's beginning only as far as the read itself reaches.
  const tail = Buffer.from(content.read(before, PRINT).subarray(0, print.size));
  return printOf(tail).hash === print.hash ? placeAt(offset, tail, print) : null;
}
