/** How much of a file is read at once. */
import { shrinkShared } from './content.ts';

/**
 * Bytes of a block: at first, and at most while a backlog is read. Each block with a denial costs a
 * transaction, which waits for the disk. Beyond 4 MiB that wait is negligible.
 */
const BLOCK = { first: 256 * 1024, most: 4 * 1024 * 1024 };
/**
 * The time that a block should take, ms. The next block is doubled if the last one took less than
 * half of this, and halved if it took longer. So a log full of denials neither holds up deliveries
 * nor fills the memory.
 */
const TURN = 50;

export class BlockPace {
  #length = BLOCK.first;
  #began = 0;

  /** Begins a block; returns its length. Two lines of the maximum length fit in. */
  begin(isPacked: boolean, maxLine: number): number {
    this.#began = performance.now();
    return Math.max(isPacked ? BLOCK.first : this.#length, 2 * maxLine);
  }

  /** Room for the largest block that may follow. */
  room(length: number): number {
    return Math.max(length, BLOCK.most);
  }

  /** The block was processed. */
  end(isLast: boolean): void {
    const took = performance.now() - this.#began;
    if (isLast) {
      // No log is catching up any more: release the memory of the buffer.
      if (this.#length > BLOCK.first) shrinkShared();
      this.#length = BLOCK.first;
    } else if (took < TURN / 2) this.#length = Math.min(BLOCK.most, 2 * this.#length);
    else if (took > TURN) this.#length = Math.max(BLOCK.first, this.#length / 2);
  }
}
