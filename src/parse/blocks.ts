/**
 * Log files as blocks of whole lines, read in large pieces and decompressed where they are gzipped.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { bufferFor } from './search.ts';
import { reasonOf } from '../text/reason.ts';

/** Receives how many bytes of a file have been read. */
export interface Progress {
  at(done: number, total: number): void;
}

/** Bytes that a decompressed file is read in at once. */
const PIECE = 262_144;
/** Longest line that is kept; a longer one is not read, and memory does not grow. */
const LONGEST = 1_048_576;
const NEWLINE = 10;

/**
 * Reads files one after the other, `-` for standard input. A block is valid until the next one is
 * requested. Throws an error that names the file.
 */
export async function* blocks(
  files: readonly string[],
  progress: Progress | null,
): AsyncGenerator<Buffer> {
  for (const file of files) {
    const fd = file === '-' ? 0 : open(file);
    try {
      const size = fstatSync(fd).size;
      const pieces = readPieces(
        fd,
        bufferFor(size),
        (done) => size > 0 && progress?.at(done, size),
      );
      yield* wholeLines(unpacked(pieces));
    } catch (error) {
      const name = file === '-' ? 'standard input' : file;
      throw new Error(`cannot read ${name}: ${reasonOf(error)}`, { cause: error });
    } finally {
      if (fd !== 0) closeSync(fd);
    }
  }
}

function open(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw new Error(`cannot open ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

/** The bytes of a file in pieces of one reused buffer. */
function* readPieces(fd: number, buffer: Buffer, done: (bytes: number) => void): Generator<Buffer> {
  let total = 0;
  for (;;) {
    const size = readSome(fd, buffer);
    if (size === 0) return;
    total += size;
    yield buffer.subarray(0, size);
    done(total);
  }
}

/** Reads, and waits where another program left standard input non-blocking. */
function readSome(fd: number, buffer: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, buffer);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

/**
 * Yields the pieces of a gzipped file decompressed, and others unchanged; the first two bytes
 * decide.
 */
async function* unpacked(pieces: Generator<Buffer>): AsyncGenerator<Buffer> {
  const { value: first } = pieces.next() as { value: Buffer | undefined };
  if (first === undefined) return;
  if (first[0] !== 0x1f || first[1] !== 0x8b) {
    yield first;
    yield* pieces;
    return;
  }
  function* copies() {
    yield Buffer.from(first!);
    for (const piece of pieces) yield Buffer.from(piece);
  }
  const gunzip = createGunzip({ chunkSize: PIECE });
  const packed = Readable.from(copies()).on('error', (error) => gunzip.destroy(error));
  yield* packed.pipe(gunzip) as AsyncIterable<Buffer>;
}

/**
 * Cuts pieces into blocks of whole lines; only a line that spans two pieces is copied. A line that
 * is too long becomes an empty one, so that the count of lines stays right.
 */
async function* wholeLines(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  let tooLong = false;
  for await (const piece of pieces) {
    const first = piece.indexOf(NEWLINE) + 1;
    if (first > 0) {
      const last = piece.lastIndexOf(NEWLINE) + 1;
      yield tooLong ? Buffer.from('\n') : Buffer.concat([held, piece.subarray(0, first)]);
      if (last > first) yield piece.subarray(first, last);
      held = Buffer.from(piece.subarray(last));
      tooLong = false;
    } else if (!tooLong) {
      held = Buffer.concat([held, piece]);
      tooLong = held.length > LONGEST;
      if (tooLong) held = Buffer.alloc(0);
    }
  }
  if (tooLong) yield Buffer.from('\n');
  else if (held.length > 0) yield held;
}
