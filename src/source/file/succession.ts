/**
 * Whether a file that replaced another is a longer copy of it: rsync and editors write a new file
 * and rename it, cp writes over the old one from the start. What was read of the old file must not
 * be read again; but a new log that happens to begin alike must be. A longer copy that was rotated
 * and compressed before anybody looked is read by the segment of the old file.
 */
import { placeAt, type PlainContent, type Place } from './content.ts';
import { PRINT, printOf, type Mark } from './position.ts';

/** How long a file that begins like the one before it may take to become a copy of it, ms. */
const COPYING = 1_000;
const NOTHING = Buffer.alloc(0);

/** The file before, as far as it is known now. */
interface Before {
  readonly mark: Mark;
  /** Its first bytes, empty where only their fingerprint is known. */
  readonly head: Buffer;
}

export class Succession {
  readonly complete: () => void;
  readonly #before: () => Before;
  #size = -1;
  #since = 0;

  /** @param complete called when the file before is known to be in this one as a whole */
  constructor(before: () => Before, complete: () => void) {
    this.#before = before;
    this.complete = complete;
  }

  /** Whether the last judgement was `undecided`. */
  get isWaiting(): boolean {
    return this.#size !== -1;
  }

  /**
   * @param start the file's first bytes, not empty
   * @returns `other` where it is to be read from its start, `undecided` where it may still become a
   * copy, or the place after what was already read
   */
  judge(content: PlainContent, start: Buffer): Place | 'other' | 'undecided' {
    const { mark, head } = this.#before();
    if (mark.offset === 0 || start.length === 0 || !beginsAlike(start, mark, head)) return 'other';
    const size = content.size();
    if (size > mark.offset) return placeAfter(content, mark) ?? 'other';
    if (size !== this.#size) {
      this.#size = size;
      this.#since = performance.now();
    }
    return performance.now() - this.#since < COPYING ? 'undecided' : 'other';
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
