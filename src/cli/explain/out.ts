/** What `explain` writes to standard output. */
import { writeSync } from 'node:fs';
import { endUnwritten, rendered, type Line } from '../../text/terminal.ts';

/** How much is collected for one write, bytes. */
const BUFFER = 262_144;
/** Most bytes of a character, as a string counts them, in UTF-8. */
const WIDEST = 3;

/**
 * Standard output with a buffer. Each text goes into it at once: there may be millions, and joining
 * thousands of them takes longer.
 */
export class Out {
  readonly #writeOut: (bytes: Buffer) => void;
  readonly #buffer = Buffer.allocUnsafe(BUFFER);
  #size = 0;

  /** @param writeOut called with what was collected, which is valid during the call */
  constructor(writeOut: (bytes: Buffer) => void = writeAll) {
    this.#writeOut = writeOut;
  }

  /** Writes text that is safe to show. */
  write(text: string): void {
    const most = WIDEST * text.length;
    if (this.#size + most > BUFFER) this.flush();
    if (most > BUFFER) this.#writeOut(Buffer.from(text));
    else this.#size += this.#buffer.write(text, this.#size);
  }

  /** Writes lines that may have parts that are not safe to show. */
  print(lines: readonly Line[]): void {
    this.write(lines.map((line) => `${rendered(line)}\n`).join(''));
  }

  /** Writes out what was collected. */
  flush(): void {
    this.#writeOut(this.#buffer.subarray(0, this.#size));
    this.#size = 0;
  }
}

function writeAll(bytes: Buffer): void {
  for (let left = bytes; left.length > 0; left = left.subarray(writeSome(left)));
}

/** A full pipe that another program made non-blocking gives EAGAIN: waits instead of failing. */
function writeSome(bytes: Buffer): number {
  try {
    return writeSync(1, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') endUnwritten(error as Error);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return 0;
  }
}
