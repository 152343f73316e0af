/** What `explain` writes to standard output. */
import { writeSync } from 'node:fs';
import { safeJson } from '../../text/json.ts';
import { endUnwritten, rendered, type Line } from '../../text/terminal.ts';

/** How much is collected for one write, bytes. */
const BUFFER = 262_144;
/** Most bytes of a character, as a string counts them, in UTF-8. */
const WIDEST = 3;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** The milliseconds of a time. */
const MILLISECONDS = Array.from({ length: 1000 }, (_, ms) => String(ms).padStart(3, '0'));

/**
 * Standard output with a buffer. Each text goes into it at once, one character after the other: there
 * may be millions, and joining strings takes longer.
 */
export class Out {
  readonly #writeOut: (bytes: Buffer) => void;
  readonly #buffer = Buffer.allocUnsafe(BUFFER);
  #size = 0;
  /** The last second of a time, s since 1970, and how it is written. */
  #second = Number.NaN;
  #secondText = '';

  /** @param writeOut called with what was collected, which is valid during the call */
  constructor(writeOut: (bytes: Buffer) => void = writeAll) {
    this.#writeOut = writeOut;
  }

  /** Writes text that is safe to show. */
  write(text: string): void {
    const most = WIDEST * text.length;
    if (this.#size + most > BUFFER) this.flush();
    if (most > BUFFER) this.#writeOut(Buffer.from(text));
    else if (!this.#copy(text, false)) this.#size += this.#buffer.write(text, this.#size);
  }

  /** Writes lines that may have parts that are not safe to show. */
  print(lines: readonly Line[]): void {
    this.write(lines.map((line) => `${rendered(line)}\n`).join(''));
  }

  /** Writes a text or null in JSON, as `safeJson` makes it. */
  json(text: string | null): void {
    if (text === null) return this.write('null');
    this.write('"');
    const isCopied = this.#size + text.length <= BUFFER && this.#copy(text, true);
    if (isCopied) return this.write('"');
    this.#size--;
    this.write(safeJson(text));
  }

  /** Writes a time, ms since 1970, in JSON. */
  time(at: number): void {
    const second = Math.floor(at / 1000);
    if (second !== this.#second) {
      this.#secondText = `"${new Date(second * 1000).toISOString().slice(0, -'000Z'.length)}`;
      this.#second = second;
    }
    this.write(this.#secondText);
    this.write(MILLISECONDS[Math.floor(at) - second * 1000]!);
    this.write('Z"');
  }

  /** Writes out what was collected. */
  flush(): void {
    this.#writeOut(this.#buffer.subarray(0, this.#size));
    this.#size = 0;
  }

  /** Copies ASCII for which there is room. Returns false for other text, and then has copied nothing. */
  #copy(text: string, isInQuotes: boolean): boolean {
    const buffer = this.#buffer;
    const start = this.#size;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7e || (isInQuotes && (code < 0x20 || code === QUOTE || code === BACKSLASH)))
        return false;
      buffer[start + i] = code;
    }
    this.#size = start + text.length;
    return true;
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
