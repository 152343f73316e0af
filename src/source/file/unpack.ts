/** Reading a compressed file from the middle on. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

const CHUNK = 256 * 1024;

/** A gzip file's content in a window that only moves forward. */
export interface Unpacker {
  /**
   * Unpacks until the window has at least so many bytes, or the file ends.
   * @throws where the file is damaged
   */
  fill(bytes: number): Promise<Buffer>;
  /** Drops bytes from the front of the window. */
  drop(bytes: number): void;
  /** Passes over so many bytes and gives the last of them, or null where it has not so many. */
  skip(bytes: number, last: number): Promise<Buffer | null>;
  close(): Promise<void>;
}

/** Takes the descriptor over: `close` closes it. */
export function openUnpacker(fd: number): Unpacker {
  const packed = createReadStream('', { fd, start: 0 });
  const plain = createGunzip({ chunkSize: CHUNK });
  const closed = new Promise<void>((resolve) => packed.once('close', resolve));
  pipeline(packed, plain, () => {}); // Errors come out of the iterator.
  const chunks = plain[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
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
    close: async () => {
      plain.destroy();
      packed.destroy();
      await closed;
    },
  };
}
