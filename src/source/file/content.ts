/** The bytes of one open file, and the proof that they are still the ones that were read before. */
import { closeSync, fstatSync, readSync } from 'node:fs';
import { cutLines, type Cut } from './lines.ts';
import { isShortage } from '../../host/shortage.ts';
import { PRINT, printOf, type Mark, type Print } from './position.ts';
import { Unpacker, type Packing } from './unpack.ts';

const NOTHING = Buffer.alloc(0);

/** The file no longer holds what was read from it. */
export class ChangedError extends Error {
  override name = 'ChangedError';
}

/** Where reading goes on, and what precedes that place. */
export interface Place {
  /** Start of the first line that was not handed over. */
  readonly offset: number;
  /** Where reading goes on: beyond `offset` only inside a line that is too long. */
  readonly at: number;
  /** Up to PRINT bytes before `at`. */
  readonly tail: Buffer;
  /** The beginning of a line that is too long. */
  readonly kept: Buffer | null;
  /** Fingerprint of the bytes before `offset`. */
  readonly print: Print;
}

/** A block of a segment, and where the segment stands after it. */
export interface Block extends Cut {
  /** Bytes that follow the whole lines: the beginning of a line. Valid until the next read. */
  readonly rest: Buffer;
  /** No more bytes were there. */
  readonly end: boolean;
  readonly after: Place;
}

/** Where a line begins. @param tail up to PRINT bytes before, as far as they are known */
export function placeAt(offset: number, tail: Buffer, print = printOf(tail)): Place {
  return { offset, at: offset, tail, kept: null, print };
}

/** The whole lines at the beginning of what was read at a place. @param length bytes asked for */
export function blockOf(place: Place, data: Buffer, length: number, maxLine: number): Block {
  const cut = cutLines(data, place.kept, maxLine);
  const rest = data.subarray(cut.used);
  const end = data.length < length && rest.length <= maxLine;
  return { ...cut, rest, end, after: placeBehind(place, data, cut) };
}

/** Where a segment stands behind the lines that were cut out of `data`. */
function placeBehind(place: Place, data: Buffer, { used, kept }: Cut): Place {
  if (used === 0) return place;
  const { offset, at, tail, print } = place;
  const fresh = data.subarray(Math.max(0, used - PRINT), used);
  const last = Buffer.concat([tail.subarray(fresh.length - PRINT), fresh]).subarray(-PRINT);
  const next = { at: at + used, tail: last, kept };
  return kept === null
    ? { ...next, offset: next.at, print: printOf(last) }
    : { ...next, offset, print };
}

/** The line at a file's end that will never get its newline, as a block; null where there is none. */
export function lastBlock({ kept, at, tail }: Place, rest: Buffer): Block | null {
  if (kept === null && rest.length === 0) return null;
  const last = Buffer.concat([tail, rest]).subarray(-PRINT);
  const after = placeAt(at + rest.length, last);
  const lines = kept === null ? rest : Buffer.concat([kept, Buffer.from('\n')]);
  const long = kept === null ? 0 : 1;
  return { lines, used: 0, kept: null, long, rest: NOTHING, end: true, after };
}

/** Buffers that all files share: nothing in them outlives a call. */
let shared = NOTHING;
const first = Buffer.alloc(PRINT);

/** Releases a buffer of the size that a backlog needs. */
export function shrinkShared(): void {
  shared = NOTHING;
}

/** An uncompressed file. Takes ownership of the descriptor. */
export class PlainContent {
  readonly packed = false;
  /** Its first bytes, as far as they were seen. */
  head: Buffer = NOTHING;
  readonly #fd: number;

  constructor(fd: number, head: Buffer) {
    this.#fd = fd;
    this.head = Buffer.from(head);
  }

  /**
   * Up to `length` bytes from the current place. Valid until any file is read again.
   * @param room the most bytes that will be requested: the buffer is made once
   * @throws ChangedError
   */
  read({ at, tail }: Place, length: number, room = length): Buffer {
    const before = tail.length;
    if (shared.length < room + PRINT) shared = Buffer.alloc(room + PRINT);
    const count = readSync(this.#fd, shared, 0, before + length, at - before);
    if (count < before || !shared.subarray(0, before).equals(tail)) throw new ChangedError();
    // Only now, with the bytes read, does an unchanged beginning prove that they are this file's.
    const known = this.head.length;
    const seen = Math.min(readSync(this.#fd, first, 0, PRINT, 0), at - before + count);
    if (seen < known || !first.subarray(0, known).equals(this.head)) throw new ChangedError();
    if (seen > known) this.head = Buffer.from(first.subarray(0, seen));
    return shared.subarray(before, count);
  }

  size(): number {
    return fstatSync(this.#fd).size;
  }

  /** The same; where the file system fails, which reading reports, what was known before. */
  sizeOr(known: number): number {
    try {
      return this.size();
    } catch {
      return known;
    }
  }

  /** Whether its name was removed, as far as the file system says. */
  unlinked(): boolean {
    try {
      return fstatSync(this.#fd).nlink === 0;
    } catch {
      return false;
    }
  }

  /** Nothing is kept of what was read: `read` gives the same bytes again. */
  drop(): void {}

  close(): Promise<void> {
    closeSync(this.#fd);
    return Promise.resolve();
  }
}

/** A compressed file, which does not grow. Takes ownership of the descriptor. */
export class PackedContent {
  readonly packed = true;
  readonly head: Buffer;
  readonly #unpacker: Unpacker;
  #skip: number;
  /** Bytes that were left when it turned out to be damaged; -1 before that. */
  #left = -1;

  constructor(packing: Packing, fd: number, head: Buffer, skip: number) {
    this.head = Buffer.from(head);
    this.#unpacker = new Unpacker(packing, fd);
    this.#skip = skip;
  }

  /**
   * Up to `length` bytes, and what precedes them.
   * @throws ChangedError, or where the file is damaged and all before that has been read
   */
  async read(
    place: Place,
    length: number,
  ): Promise<{ data: Buffer; tail: Buffer; isWhole: boolean }> {
    let { tail } = place;
    if (this.#skip > 0) {
      const passed = await this.#unpacker.skip(this.#skip, PRINT);
      this.#skip = 0;
      if (passed === null) return { data: NOTHING, tail, isWhole: true }; // A copy without the last lines.
      const { print, kept } = place;
      if (kept === null && print.size > 0 && printOf(passed).hash !== print.hash)
        throw new ChangedError();
      tail = passed;
    }
    const data = await this.#unpacker.fill(length);
    const { failure } = this.#unpacker;
    // What cannot grow any more and was returned before is the beginning of a line.
    if (failure !== null && data.length === this.#left) throw failure;
    this.#left = failure === null ? -1 : data.length;
    return { data, tail, isWhole: failure === null };
  }

  /**
   * Passes over what was read of another file, before anything else is read.
   * @param offset how far that was read
   * @param print the bytes before
   * @param size bytes that it has
   * @returns the bytes before the offset, where there are more here than there; else null
   * @throws ChangedError where this is another file's content; or where it is damaged
   */
  async passTo(offset: number, print: Print, size: number): Promise<Buffer | null> {
    const passed = await this.#unpacker.skip(offset, PRINT);
    if (passed === null) return null;
    if (printOf(passed.subarray(passed.length - print.size)).hash !== print.hash)
      throw new ChangedError();
    if ((await this.#unpacker.fill(size - offset + 1)).length > size - offset) return passed;
    if (this.#unpacker.failure !== null) throw this.#unpacker.failure;
    return null;
  }

  /** Continues after this many bytes of what was read. */
  drop(bytes: number): void {
    this.#unpacker.drop(bytes);
  }

  close(): Promise<void> {
    return this.#unpacker.close();
  }
}

/**
 * Finds out whether a compressed file goes on where another one was read to. Closes the descriptor.
 * @returns the bytes before that place; null if it has no more; an error if it is another file, or
 *   damaged
 * @throws where a shortage passes
 */
export async function passOver(
  packing: Packing,
  fd: number,
  { offset, tail }: Mark,
): Promise<Buffer | Error | null> {
  const content = new PackedContent(packing, fd, NOTHING, 0);
  const passed = await content.passTo(offset, tail, offset).catch((error: Error) => error);
  await content.close();
  if (isShortage(passed)) throw passed;
  return passed;
}

export type Content = PlainContent | PackedContent;

/** A file's content. Takes the descriptor over. @param at where reading goes on */
export function openContent(
  packing: Packing | null,
  fd: number,
  head: Buffer,
  at: number,
): Content {
  return packing === null ? new PlainContent(fd, head) : new PackedContent(packing, fd, head, at);
}
