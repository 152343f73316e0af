/** The bytes of one open file, and the proof that they still are the ones that were read before. */
import { closeSync, fstatSync, readSync } from 'node:fs';
import type { Cut } from './lines.ts';
import { PRINT, printOf, type Print } from './position.ts';
import { openUnpacker, type Packing, type Unpacker } from './unpack.ts';

const NOTHING = Buffer.alloc(0);

/** The file does not hold what was read from it any more. */
export class ChangedError extends Error {
  override name = 'ChangedError';
}

/** Where reading goes on, and what stands before. */
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

/** Buffers that all files share: nothing in them outlives a call. */
let shared = NOTHING;
const first = Buffer.alloc(PRINT);

/** Gives back a buffer that was as big as a backlog needs it. */
export function shrinkShared(): void {
  shared = NOTHING;
}

/** A file that is as it was written. Takes the descriptor over. */
export class PlainContent {
  readonly packed = false;
  /** Its first bytes, as many as were seen. */
  head: Buffer = NOTHING;
  readonly #fd: number;

  constructor(fd: number, head: Buffer) {
    this.#fd = fd;
    this.head = Buffer.from(head);
  }

  /**
   * Up to `length` bytes from the place on. Valid until any file is read again.
   * @param room most bytes that will be asked for: the buffer is made once
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

  /** Whether its name was removed. */
  unlinked(): boolean {
    return fstatSync(this.#fd).nlink === 0;
  }

  /** Nothing is kept of what was read: `read` gives the same bytes again. */
  drop(): void {}

  close(): Promise<void> {
    closeSync(this.#fd);
    return Promise.resolve();
  }
}

/** A compressed file, which does not grow. Takes the descriptor over. */
export class PackedContent {
  readonly packed = true;
  readonly head: Buffer;
  readonly #unpacker: Unpacker;
  #skip: number;

  constructor(packing: Packing, fd: number, head: Buffer, skip: number) {
    this.head = Buffer.from(head);
    this.#unpacker = openUnpacker(packing, fd);
    this.#skip = skip;
  }

  /** Up to `length` bytes, and what stands before them. @throws ChangedError */
  async read(place: Place, length: number): Promise<{ data: Buffer; tail: Buffer }> {
    let { tail } = place;
    if (this.#skip > 0) {
      const passed = await this.#unpacker.skip(this.#skip, PRINT);
      this.#skip = 0;
      if (passed === null) return { data: NOTHING, tail }; // A copy from before the last lines came.
      const { print, kept } = place;
      if (kept === null && print.size > 0 && printOf(passed).hash !== print.hash)
        throw new ChangedError();
      tail = passed;
    }
    return { data: await this.#unpacker.fill(length), tail };
  }

  /** Goes on behind so many bytes of what was read. */
  drop(bytes: number): void {
    this.#unpacker.drop(bytes);
  }

  close(): Promise<void> {
    return this.#unpacker.close();
  }
}

export type Content = PlainContent | PackedContent;
