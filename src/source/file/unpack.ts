/**
 * Reads a compressed file: gzip and zstd with Node, xz and bzip2 with the programs of these names.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, createReadStream, readSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import {
  constants,
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  zstdDecompressSync,
} from 'node:zlib';
import { isShortage } from '../../host/shortage.ts';

/** What a file is compressed with. */
export type Packing = 'gzip' | 'zstd' | 'xz' | 'bzip2';

const CHUNK = 256 * 1024;

/** Compressed bytes that are enough for the first plain ones. zstd has blocks of up to 128 KiB. */
const START = { gzip: 4 * 1024, zstd: 129 * 1024 };

/**
 * The environment of the program. Since 5.6 xz uses memory for each processor of the machine, which
 * may be more than the agent may have.
 */
const environment = () => ({ ...process.env, XZ_OPT: '--threads=1' });

/**
 * The first bytes of a compressed file, at most this many; fewer where it is not complete yet, or
 * damaged.
 * @throws where the program that decompresses it cannot be run
 */
export function unpackStart(packing: Packing, fd: number, bytes: number): Buffer {
  if (packing === 'xz' || packing === 'bzip2') {
    const { stdout, error } = spawnSync(packing, ['-dc'], {
      stdio: [fd, 'pipe', 'ignore'],
      maxBuffer: bytes,
      env: environment(),
    });
    if (isMissing(error)) throw new Error(noProgram(packing), { cause: error });
    if (isShortage(error)) throw error;
    return stdout.subarray(0, bytes);
  }
  const start = Buffer.alloc(START[packing]);
  const length = readSync(fd, start, 0, start.length, 0);
  try {
    const plain =
      packing === 'gzip'
        ? gunzipSync(start.subarray(0, length), { finishFlush: constants.Z_SYNC_FLUSH })
        : zstdDecompressSync(start.subarray(0, length), { finishFlush: constants.ZSTD_e_flush });
    return plain.subarray(0, bytes);
  } catch {
    return Buffer.alloc(0);
  }
}

function isMissing(error: NodeJS.ErrnoException | undefined): boolean {
  return error?.code === 'ENOENT';
}

function noProgram(packing: Packing): string {
  return `cannot run ${packing}, which decompresses it: install it, or have logrotate compress with gzip`;
}

/** The plain bytes of a compressed file; `close` releases it and closes its descriptor. */
interface Plain {
  readonly bytes: Readable;
  /** After the last byte: why there are no more, if the file is damaged. */
  failure(): Promise<Error | null>;
  close(): Promise<void>;
}

function openPlain(packing: Packing, fd: number): Plain {
  const packed = createReadStream('', { fd, start: 0 });
  const closed = new Promise<void>((resolve) => packed.once('close', resolve));
  if (packing === 'gzip' || packing === 'zstd') {
    const plain = packing === 'gzip' ? createGunzip({ chunkSize: CHUNK }) : createZstdDecompress();
    pipeline(packed, plain, () => {});
    return {
      bytes: plain,
      failure: () => Promise.resolve(null), // It comes out of the iterator.
      close: async () => {
        plain.destroy();
        packed.destroy();
        await closed;
      },
    };
  }
  const child = spawn(packing, ['-dc'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: environment(),
  });
  const ended = new Promise<Error | null>((resolve) => {
    child.once('error', (error) =>
      resolve(isMissing(error) ? new Error(noProgram(packing), { cause: error }) : error),
    );
    child.once('close', (status) =>
      resolve(status === 0 ? null : new Error(`${packing} -dc ended with ${status}`)),
    );
  });
  // Without a descriptor left it has no streams.
  const { stdin, stdout: bytes = Readable.from([]) } = child as Partial<typeof child>;
  if (stdin !== undefined) pipeline(packed, stdin, () => {});
  return {
    bytes,
    failure: () => ended,
    close: async () => {
      packed.destroy();
      child.kill('SIGKILL');
      bytes.destroy();
      await Promise.all([closed, ended]);
    },
  };
}

/** A compressed file's content in a window that only moves forward. */
export class Unpacker {
  readonly #packing: Packing;
  readonly #fd: number;
  /**
   * Opened at the first read: Node throws away what a program has written, and its failure, where
   * nothing reads before the program ends.
   */
  #plain: { readonly source: Plain; readonly chunks: AsyncIterator<Buffer> } | null = null;
  #window: Buffer = Buffer.alloc(0);
  #failure: Error | null = null;

  /** Takes ownership of the descriptor: `close` closes it. */
  constructor(packing: Packing, fd: number) {
    this.#packing = packing;
    this.#fd = fd;
  }

  /** Why the file ends where it does, if it is damaged. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Decompresses until the window has at least this many bytes, or the file ends. */
  async fill(bytes: number): Promise<Buffer> {
    while (this.#window.length < bytes && this.#failure === null) {
      const chunk = await this.#next();
      if (chunk === null) break;
      this.#window = this.#window.length === 0 ? chunk : Buffer.concat([this.#window, chunk]);
    }
    return this.#window;
  }

  /** Drops bytes from the front of the window. */
  drop(bytes: number): void {
    this.#window = this.#window.subarray(bytes);
  }

  /**
   * Skips this many bytes and returns the last of them; null if the file has fewer.
   * @throws where the file is damaged before that
   */
  async skip(bytes: number, last: number): Promise<Buffer | null> {
    let tail: Buffer = Buffer.alloc(0);
    for (let left = bytes; left > 0;) {
      const passed = (await this.fill(1)).subarray(0, left);
      if (passed.length === 0 && this.#failure !== null) throw this.#failure;
      if (passed.length === 0) return null;
      tail = Buffer.concat([tail, passed.subarray(-last)]).subarray(-last);
      left -= passed.length;
      this.drop(passed.length);
    }
    return tail;
  }

  async close(): Promise<void> {
    if (this.#plain === null) closeSync(this.#fd);
    else await this.#plain.source.close();
  }

  /** What is decompressed next; null at the end. */
  async #next(): Promise<Buffer | null> {
    const { source, chunks } = (this.#plain ??= this.#open());
    try {
      const { value, done } = await chunks.next();
      if (done !== true) return value;
      this.#failure = await source.failure();
    } catch (error) {
      this.#failure = error as Error;
    }
    return null;
  }

  #open(): { source: Plain; chunks: AsyncIterator<Buffer> } {
    const source = openPlain(this.#packing, this.#fd);
    return { source, chunks: source.bytes[Symbol.asyncIterator]() as AsyncIterator<Buffer> };
  }
}
