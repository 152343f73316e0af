/** Reads the files of a chain to their ends, the oldest first, and closes old ones. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isShortage } from '../../host/shortage.ts';
import type { Chain } from './chain.ts';
import { ChangedError, type Block } from './content.ts';
import { Handover } from './handover.ts';
import { lostByTruncation } from './lost.ts';
import type { Segment } from './segment.ts';
import type { Taker } from '../source.ts';
import { reasonOf } from '../../text/reason.ts';

export interface DrainOptions {
  readonly taker: Taker;
  readonly maxLine: number;
  readonly keepRotated: number;
  /** Read what is there, and follow nothing. */
  readonly once: boolean;
}

export class Drain {
  /** The position is to be saved though there are no lines. */
  isUnsaved = false;
  /** The end that is reached next is to be reported. */
  isEndDue = true;
  /** Something was read since this was last reset. */
  isActive = true;
  readonly #stream: string;
  readonly #chain: Chain;
  readonly #options: DrainOptions;
  readonly #handover: Handover;
  readonly #signal: AbortSignal;

  /** @param signal stops it */
  constructor(stream: string, chain: Chain, options: DrainOptions, signal: AbortSignal) {
    this.#stream = stream;
    this.#chain = chain;
    this.#options = options;
    this.#handover = new Handover(stream, options.taker, options.maxLine);
    this.#signal = signal;
  }

  /** Reads every segment to its end; false where the content of one has changed. */
  async all(): Promise<boolean> {
    for (const segment of this.#chain.segments) {
      if (segment.state === 'changed') return false;
      if (!segment.isReadable) continue;
      try {
        await this.#read(segment);
      } catch (error) {
        const { isPacked } = segment; // By now: it may have gone on in a packed copy.
        if (error instanceof ChangedError && !isPacked) return false;
        if (!isPacked) throw error;
        if (isShortage(error)) {
          await segment.close(); // It is opened again.
          throw error;
        }
        const reason = error instanceof ChangedError ? 'it is another file' : reasonOf(error);
        const what = `${segment.name} could not be decompressed beyond byte ${segment.offset}: ${reason}; test the file with gzip -t, xz -t, bzip2 -t or zstd -t`;
        this.#options.taker.lost(this.#stream, what);
        await segment.finish();
      }
    }
    return true;
  }

  async #read(segment: Segment): Promise<void> {
    for (;;) {
      const read = segment.read(this.#options.maxLine);
      // No needless await: the block is in a buffer that other tails use too.
      const block = read instanceof Promise ? await read : read;
      if (this.#signal.aborted) return;
      if (block.lines.length > 0 && !this.#offer(segment, block)) {
        await this.#handover.pause(this.#signal);
        continue;
      }
      if (block.used > 0) this.isActive = true;
      segment.move(block);
      if (block.end) return;
      await nextTurn();
    }
  }

  /** Hands over lines, or only the position; false where that was refused. */
  #offer(segment?: Segment, block?: Block): boolean {
    if (!this.#handover.offer(this.#chain.position(segment, block), block)) return false;
    this.isUnsaved = false;
    this.isEndDue = true;
    return true;
  }

  /** Closes files that were rotated away, deleted or truncated, when nothing more comes. */
  async retire(isMissing: boolean): Promise<void> {
    const chain = this.#chain;
    if (isMissing && chain.last?.unlinked() === true) {
      chain.last.rotate(performance.now());
    }
    for (const segment of chain.segments) {
      if (!segment.isLive || segment.quietSince === null) continue;
      const quiet = performance.now() - segment.quietSince;
      const waits = segment.state !== 'orphaned' && !segment.isPacked && !this.#options.once;
      if (waits && quiet < this.#options.keepRotated) continue;
      const block = segment.lastBlock();
      if (block !== null) {
        while (!this.#offer(segment, block)) {
          await this.#handover.pause(this.#signal);
          if (this.#signal.aborted) return;
        }
        segment.move(block);
      }
      const lost = lostByTruncation(segment);
      if (lost !== null) this.#options.taker.lost(this.#stream, lost);
      await segment.finish();
      this.isUnsaved = true;
    }
    while (this.isUnsaved && !this.#signal.aborted && !this.#offer()) {
      await this.#handover.pause(this.#signal);
    }
  }
}
