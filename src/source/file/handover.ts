/** Handing blocks to the taker, and trying again when it refuses. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Block } from './segment.ts';
import type { Position, Taker } from '../source.ts';

/** Pauses after a refused block, ms: 250, 500, … */
const RETRY = { first: 250, most: 4_000 };
const NO_LINES = Buffer.alloc(0);

export interface Handover {
  /** Hands lines over, or only a position; false where they were refused. */
  offer(position: Position, block?: Block): boolean;
  /** Waits before the next try. */
  pause(signal: AbortSignal): Promise<void>;
}

export function createHandover(stream: string, taker: Taker, maxLine: number): Handover {
  let refusals = 0;
  return {
    offer: (position, block) => {
      try {
        taker.take({ stream, bytes: block?.lines ?? NO_LINES, position });
      } catch (err) {
        if (refusals++ === 0) {
          taker.log.error(
            { err, file: stream },
            'what was read cannot be stored, trying on; is the disk full?',
          );
        }
        return false;
      }
      if (refusals > 0) taker.log.info({ file: stream }, 'what is read is stored again');
      refusals = 0;
      if (block !== undefined && block.long > 0) {
        const fields = { file: stream, lines: block.long };
        taker.log.warn(
          fields,
          `kept only the first ${maxLine} bytes of lines that are longer; maxLine sets how many`,
        );
      }
      return true;
    },
    pause: async (signal) => {
      const wait = Math.min(RETRY.most, RETRY.first * 2 ** (refusals - 1));
      await pause(wait, undefined, { signal }).catch(() => {}); // Stopped: no matter.
    },
  };
}
