/**
 * One file of a stream, open and read. A stream is the content of one file after the other; each
 * of them may be renamed, copied and truncated, or compressed while it is read.
 */
import { closeSync, fstatSync, readSync } from 'node:fs';
import type { FoundFile } from './found.ts';
import { cutLines, type Cut } from './lines.ts';
import { PRINT, printOf, type Identity, type Mark, type Print } from './position.ts';
import { openUnpacker, type Unpacker } from './unpack.ts';

const NOTHING = Buffer.alloc(0);
const NO_PRINT = printOf(NOTHING);
/**
 * Bytes of a block: at first, and at most while a backlog is read. Each block with a denial costs a
 * transaction, which waits for the disk; beyond 4 MiB that wait is next to nothing beside the rest.
 */
const BLOCK = { first: 256 * 1024, most: 4 * 1024 * 1024 };
/**
 * A block is twice the last one where that was dealt with in less than half of this, ms, and half
 * of it where that took longer: so a log full of denials neither holds up deliveries nor fills the
 * memory.
 */
const TURN = 100;

/** The file does not hold what was read from it any more. */
export class ChangedError extends Error {
  override name = 'ChangedError';
}

/** A block of a segment, and where the segment stands after it. */
export interface Block extends Cut {
  /** Bytes that follow the whole lines: the beginning of a line. Valid until the next read. */
  readonly rest: Buffer;
  /** No more bytes were there. */
  readonly end: boolean;
  readonly after: Place;
}

interface Place {
  /** Start of the first line that was not handed over. */
  readonly offset: number;
  /** Where reading goes on: beyond `offset` only inside a line that is too long. */
  readonly at: number;
  /** Up to PRINT bytes before `at`. */
  readonly tail: Buffer;
  readonly kept: Buffer | null;
  /** Fingerprint of the bytes before `offset`. */
  readonly print: Print;
}

/** Buffers that all segments share: nothing in them outlives a call. */
let shared = Buffer.alloc(0);
const first = Buffer.alloc(PRINT);

export class Segment {
  id: Identity;
  name: string;
  /** Bytes that it was seen to have. */
  size: number;
  done = false;
  /** Its descriptor was found to hold something else: see ChangedError. */
  changed = false;
  /** What it held is nowhere to be found. */
  orphan = false;
  /** Since when (performance.now) it is not the current file, or last grew after that. */
  quietSince: number | null = null;
  /** The beginning of a line at its end. */
  #rest: Buffer = NOTHING;
  #fd: number | null = null;
  #unpacker: Unpacker | null = null;
  #skip = 0;
  #head: Buffer = NOTHING;
  #headPrint: Print = NO_PRINT;
  #place: Place;
  #mark: Mark | null = null;
  /** Bytes of the next block, and when it was begun to be read. */
  #size = BLOCK.first;
  #began = 0;

  constructor(id: Identity, name: string, size: number, place: Place) {
    this.id = id;
    this.name = name;
    this.size = size;
    this.#place = place;
  }

  /** A file that was not read before, to be read from `offset` on. */
  static begin(found: FoundFile, offset = 0): Segment {
    const length = Math.min(offset, PRINT);
    const tail = length === 0 ? NOTHING : found.read(offset - length, length);
    const place = { offset, at: offset, tail, kept: null, print: printOf(tail) };
    // The current file may have been truncated since it was listed: believe only what was read.
    const size = found.role === 'current' ? Math.max(offset, found.head().length) : found.size;
    const segment = new Segment(found.id, found.name, found.packed ? 0 : size, place);
    segment.#setHead(found.head());
    segment.#open(found);
    return segment;
  }

  /** A file as it was saved: not open until `moveTo`. */
  static saved(mark: Mark): Segment {
    const { offset, tail, size, done, head } = mark;
    const place = { offset, at: offset, tail: NOTHING, kept: null, print: tail };
    const segment = new Segment(mark, mark.name, size, place);
    segment.done = done;
    segment.#headPrint = head;
    return segment;
  }

  get offset(): number {
    return this.#place.offset;
  }

  get open(): boolean {
    return this.#fd !== null || this.#unpacker !== null;
  }

  get packed(): boolean {
    return this.#unpacker !== null;
  }

  /** What is saved of it, with the place that it has, or will have. */
  mark(after: Place = this.#place): Mark {
    if (this.#mark !== null && after === this.#place) return this.#mark;
    const { dev, ino, birth } = this.id;
    const { name, done } = this;
    const { offset, print: tail } = after;
    const size = Math.max(this.size, offset);
    const mark = { dev, ino, birth, name, head: this.#headPrint, tail, offset, size, done };
    if (after === this.#place) this.#mark = mark;
    return mark;
  }

  /** A file that cannot be opened yet, to be read from `offset` on when it can. */
  static later(found: FoundFile, offset: number): Segment {
    const place = { offset, at: offset, tail: NOTHING, kept: null, print: NO_PRINT };
    return new Segment(found.id, found.name, found.size, place);
  }

  /** Its content is in another file now, or is found again after a restart. */
  async moveTo(found: FoundFile): Promise<void> {
    const { offset, print, at, kept } = this.#place;
    this.id = found.id;
    this.name = found.name;
    this.#mark = null;
    // A descriptor is as good as a copy, and better for late writers, unless it was truncated.
    if (this.open && !this.changed) return;
    if (this.done && (found.packed || found.size <= offset)) return;
    // A copy that was made before the last lines came has nothing that was not read.
    if (!found.packed && found.size < at) return this.finish();
    await this.close();
    this.changed = this.done = false;
    // A file that was empty when it was saved: a size without a fingerprint would be known as lost
    // when only the file is gone, and not what was in it.
    const known = this.#headPrint.size || PRINT;
    if (this.#head.length === 0) this.#setHead(found.head().subarray(0, known));
    if (!found.packed) {
      this.size = found.size;
      const length = Math.min(at, PRINT);
      this.#place = { offset, at, kept, print, tail: found.read(at - length, length) };
    }
    this.#open(found);
  }

  #open(found: FoundFile): void {
    const fd = found.takeDescriptor();
    if (found.packed) {
      this.#unpacker = openUnpacker(fd);
      this.#skip = this.#place.at;
    } else {
      this.#fd = fd;
    }
  }

  async close(): Promise<void> {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    await this.#unpacker?.close();
    this.#unpacker = null;
  }

  /** The next block. Moves nothing: until `move` is called, the same lines come again. */
  read(maxLine: number): Block | Promise<Block> {
    this.#began = performance.now();
    if (this.#unpacker === null) {
      const length = Math.max(this.#size, 2 * maxLine);
      return this.#cut(this.#readPlain(length), length, maxLine);
    }
    const length = Math.max(BLOCK.first, 2 * maxLine);
    return this.#readPacked(this.#unpacker, length).then((data) =>
      this.#cut(data, length, maxLine),
    );
  }

  #readPlain(length: number): Buffer {
    const { at, tail } = this.#place;
    const before = tail.length;
    // Room for the biggest block: the kernel gives memory only for what is used of it.
    const room = Math.max(length, BLOCK.most) + PRINT;
    if (shared.length < room) shared = Buffer.alloc(room);
    const count = readSync(this.#fd!, shared, 0, before + length, at - before);
    if (count < before || !shared.subarray(0, before).equals(tail)) throw new ChangedError();
    // Only now, with the bytes read, does an unchanged beginning prove that they are this file's.
    const known = this.#head.length;
    const seen = Math.min(readSync(this.#fd!, first, 0, PRINT, 0), at - before + count);
    if (seen < known || !first.subarray(0, known).equals(this.#head)) throw new ChangedError();
    if (seen > known) this.#setHead(first.subarray(0, seen));
    this.size = Math.max(this.size, at - before + count);
    return shared.subarray(before, count);
  }

  /** Learns as much of its beginning as there is now; whether it still is the same content. */
  refresh(): boolean {
    if (this.#fd === null || this.changed) return true;
    try {
      this.#readPlain(PRINT);
    } catch (error) {
      if (!(error instanceof ChangedError)) throw error;
      this.changed = true;
    }
    return !this.changed;
  }

  async #readPacked(unpacker: Unpacker, length: number): Promise<Buffer> {
    if (this.#skip > 0) {
      const place = this.#place;
      const tail = await unpacker.skip(this.#skip, PRINT);
      this.#skip = 0;
      if (tail === null) return NOTHING; // A copy from before the last lines came.
      if (place.kept === null && printOf(tail).hash !== place.print.hash) throw new ChangedError();
      this.#place = { ...place, tail };
    }
    return unpacker.fill(length);
  }

  #cut(data: Buffer, length: number, maxLine: number): Block {
    const cut = cutLines(data, this.#place.kept, maxLine);
    const rest = data.subarray(cut.used);
    return {
      ...cut,
      rest,
      end: data.length < length && rest.length <= maxLine,
      after: this.#after(data, cut),
    };
  }

  #after(data: Buffer, { used, kept }: Cut): Place {
    if (used === 0) return this.#place;
    const { offset, at, tail, print } = this.#place;
    const fresh = data.subarray(Math.max(0, used - PRINT), used);
    const last = Buffer.concat([tail.subarray(fresh.length - PRINT), fresh]).subarray(-PRINT);
    const place = { at: at + used, tail: last, kept };
    return kept === null
      ? { ...place, offset: place.at, print: printOf(last) }
      : { ...place, offset, print };
  }

  /** Goes on after a block. */
  move({ after, used, rest, end }: Block): void {
    if (after !== this.#place) this.#mark = null;
    this.#place = after;
    this.#rest = end ? Buffer.from(rest) : NOTHING;
    this.#unpacker?.drop(used);
    this.#pace(end);
  }

  #pace(end: boolean): void {
    const took = performance.now() - this.#began;
    if (end) {
      // Nobody catches up any more: what was used of the buffer is given back.
      if (this.#size > BLOCK.first) shared = Buffer.alloc(0);
      this.#size = BLOCK.first;
    } else if (took < TURN / 2) this.#size = Math.min(BLOCK.most, 2 * this.#size);
    else if (took > TURN) this.#size = Math.max(BLOCK.first, this.#size / 2);
  }

  /** The line at its end that will never get its newline, as a block; null where there is none. */
  lastBlock(): Block | null {
    const { kept, at, tail } = this.#place;
    const rest = this.#rest;
    if (kept === null && rest.length === 0) return null;
    const last = Buffer.concat([tail, rest]).subarray(-PRINT);
    const offset = at + rest.length;
    const after = { offset, at: offset, tail: last, kept: null, print: printOf(last) };
    const lines = kept === null ? rest : Buffer.concat([kept, Buffer.from('\n')]);
    return {
      lines,
      used: 0,
      kept: null,
      long: kept === null ? 0 : 1,
      rest: NOTHING,
      end: true,
      after,
    };
  }

  /** Bytes that were there and were not handed over. */
  behind(): number {
    if (this.#fd !== null && !this.changed) this.size = fstatSync(this.#fd).size;
    return Math.max(0, this.size - this.#place.offset);
  }

  /** What is known to be lost of a file that was truncated and of which no copy is left. */
  lostByTruncation(): string | null {
    const bytes = this.size - this.#place.offset;
    if (!this.orphan || bytes <= 0) return null;
    return `${this.name} was truncated, and at least ${bytes} bytes of it were not read; have logrotate rename it (no copytruncate)`;
  }

  /** Whether its name was removed. */
  unlinked(): boolean {
    return this.#fd !== null && fstatSync(this.#fd).nlink === 0;
  }

  /** Nothing more will be read from it. */
  async finish(): Promise<void> {
    this.done = true;
    this.#mark = null;
    await this.close();
  }

  #setHead(head: Buffer): void {
    this.#head = Buffer.from(head);
    this.#headPrint = printOf(this.#head);
    this.#mark = null;
  }
}
