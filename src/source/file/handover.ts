/** Hands blocks to the taker, and tries again when it refuses. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Block } from './content.ts';
import type { Position, Taker } from '../source.ts';

/** Pauses after a refused block, ms: 250, 500, … */
const RETRY = { first: 250, most: 4_000 };
const NO_LINES = Buffer.alloc(0);

export class Handover {
  readonly #stream: string;
  readonly #taker: Taker;
  readonly #maxLine: number;
  #refusals = 0;

  constructor(stream: string, taker: Taker, maxLine: number) {
    this.#stream = stream;
    this.#taker = taker;
    this.#maxLine = maxLine;
  }

  /** Hands lines over, or only a position; false where they were refused. */
  offer(position: Position, block?: Block): boolean {
    const { log } = this.#taker;
    const fields = { file: this.#stream };
    try {
      this.#taker.take({ stream: this.#stream, bytes: block?.lines ?? NO_LINES, position });
    } catch (err) {
      if (this.#refusals++ === 0) {
        const message = 'cannot store what was read, trying again; is the disk full?';
        log.error({ err, ...fields }, message);
      }
      return false;
    }
    if (this.#refusals > 0) log.info(fields, 'storing works again');
    this.#refusals = 0;
    if (block !== undefined && block.long > 0) {
      const message = `kept only the first ${this.#maxLine} bytes of longer lines; maxLine sets this limit`;
      log.warn({ ...fields, lines: block.long }, message);
    }
    return true;
  }

  /** Waits before the next try. */
  async pause(signal: AbortSignal): Promise<void> {
    const wait = Math.min(RETRY.most, RETRY.first * 2 ** (this.#refusals - 1));
    await pause(wait, undefined, { signal }).catch(() => {}); // Stopped: not an error.
  }
}
