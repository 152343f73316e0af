/**
 * Streams whose files are gone, as those of a pattern with a date in their names are after a while.
 * Their places stay in the queue file for as long as the files may come back: until then they would
 * be read again. Nothing else is kept of them.
 */
import type { Queue } from '../queue/queue.ts';
import { STORE_AGAIN, type Writer } from './writer.ts';

/** How long the place of a file that is gone is kept, ms: few logs are kept longer elsewhere. */
const KEEP = 35 * 24 * 3_600_000;
/** How long such streams are collected before they are stored, ms. */
const COLLECT = 30_000;

export class GoneStreams {
  readonly #queue: Queue;
  readonly #writer: Writer;
  readonly #now: () => number;
  /** Those that are not stored yet. */
  readonly #streams = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(queue: Queue, writer: Writer, now: () => number) {
    this.#queue = queue;
    this.#writer = writer;
    this.#now = now;
  }

  add(stream: string): void {
    this.#streams.add(stream);
    this.#timer ??= setTimeout(() => this.store(), COLLECT);
  }

  /** The file of a stream is there again. */
  remove(stream: string): void {
    this.#streams.delete(stream);
  }

  /** Stores them, and drops those that have been gone for long. */
  store(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#streams.size === 0) return;
    const now = this.#now();
    if (this.#writer.attempt(() => this.#queue.gone(this.#streams, now, KEEP)))
      this.#streams.clear();
    else this.#timer = setTimeout(() => this.store(), STORE_AGAIN);
  }

  close(): void {
    this.store();
    clearTimeout(this.#timer);
  }
}
