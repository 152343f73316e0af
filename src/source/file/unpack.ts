/**
 * Reads a compressed file: gzip and zstd with Node, xz and bzip2 with the programs of these names.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import {
  constants,
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  zstdDecompressSync,
} from 'node:zlib';

/** What a file is compressed with. */
export type Packing = 'gzip' | 'zstd' | 'xz' | 'bzip2';

const CHUNK = 256 * 1024;

/** A compressed file's content in a window that only moves forward. */
export interface Unpacker {
  /**
   * Decompresses until the window has at least this many bytes, or the file ends.
   * @throws where the file is damaged
   */
  fill(bytes: number): Promise<Buffer>;
  /** Drops bytes from the front of the window. */
  drop(bytes: number): void;
  /** Skips this many bytes and returns the last of them; null if the file has fewer. */
  skip(bytes: number, last: number): Promise<Buffer | null>;
  close(): Promise<void>;
}

/**
 * The first bytes of a compressed file, at most this many; fewer where it is not complete yet, or
 * damaged.
 * @param start its first compressed bytes
 * @throws where the program that decompresses it cannot be run
 */
export function unpackStart(packing: Packing, fd: number, start: Buffer, bytes: number): Buffer {
  if (packing === 'xz' || packing === 'bzip2') {
    const { stdout, error } = spawnSync(packing, ['-dc'], {
      stdio: [fd, 'pipe', 'ignore'],
      maxBuffer: bytes,
    });
    if (isMissing(error)) throw new Error(noProgram(packing), { cause: error });
    return stdout.subarray(0, bytes);
  }
  try {
    const plain =
      packing === 'gzip'
        ? gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH })
        : zstdDecompressSync(start, { finishFlush: constants.ZSTD_e_flush });
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
  close(): Promise<void>;
}

function openPlain(packing: Packing, fd: number): Plain {
  const packed = createReadStream('', { fd, start: 0 });
  const closed = new Promise<void>((resolve) => packed.once('close', resolve));
  if (packing === 'gzip' || packing === 'zstd') {
    const plain = packing === 'gzip' ? createGunzip({ chunkSize: CHUNK }) : createZstdDecompress();
    pipeline(packed, plain, () => {}); // Errors come out of the iterator.
    return {
      bytes: plain,
      close: async () => {
        plain.destroy();
        packed.destroy();
        await closed;
      },
    };
  }
  const child = spawn(packing, ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const bytes = child.stdout;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      bytes.destroy(isMissing(error) ? new Error(noProgram(packing)) : error);
      resolve();
    });
    child.once('close', (status) => {
      if (status !== 0) bytes.destroy(new Error(`${packing} -dc ended with ${status}`));
      resolve();
    });
  });
  pipeline(packed, child.stdin, () => {});
  return {
    bytes,
    close: async () => {
      packed.destroy();
      child.kill('SIGKILL');
      bytes.destroy();
      await Promise.all([closed, ended]);
    },
  };
}

/** Takes ownership of the descriptor: `close` closes it. */
export function openUnpacker(packing: Packing, fd: number): Unpacker {
  const plain = openPlain(packing, fd);
  const chunks = plain.bytes[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let window: Buffer = Buffer.alloc(0);
  const fill = async (bytes: number) => {
    while (window.length < bytes) {
      const { value, done } = await chunks.next();
      if (done === true) break;
      window = window.length === 0 ? value : Buffer.concat([window, value]);
    }
    return window;
  };
  const drop = (bytes: number) => void (window = window.subarray(bytes));
  return {
    fill,
    drop,
    skip: async (bytes, last) => {
      let tail: Buffer = Buffer.alloc(0);
      for (let left = bytes; left > 0;) {
        const passed = (await fill(1)).subarray(0, left);
        if (passed.length === 0) return null;
        tail = Buffer.concat([tail, passed.subarray(-last)]).subarray(-last);
        left -= passed.length;
        drop(passed.length);
      }
      return tail;
    },
    close: () => plain.close(),
  };
}
