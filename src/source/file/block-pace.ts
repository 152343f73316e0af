/** How much of a file is read at once. */
import { shrinkShared } from './content.ts';

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

export class BlockPace {
  #length = BLOCK.first;
  #began = 0;

  /** Begins a block; gives its length. Two lines of the longest kind fit in. */
  begin(isPacked: boolean, maxLine: number): number {
    this.#began = performance.now();
    return Math.max(isPacked ? BLOCK.first : this.#length, 2 * maxLine);
  }

  /** Room for the biggest block that may follow. */
  room(length: number): number {
    return Math.max(length, BLOCK.most);
  }

  /** The block was dealt with. */
  end(isLast: boolean): void {
    const took = performance.now() - this.#began;
    if (isLast) {
      // Nobody catches up any more: what was used of the buffer is given back.
      if (this.#length > BLOCK.first) shrinkShared();
      this.#length = BLOCK.first;
    } else if (took < TURN / 2) this.#length = Math.min(BLOCK.most, 2 * this.#length);
    else if (took > TURN) this.#length = Math.max(BLOCK.first, this.#length / 2);
  }
}
