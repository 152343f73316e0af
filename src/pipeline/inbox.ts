/** Denials that another process left in the queue (the verb denied). */
import { readDenial } from '../parse/denial.ts';
import { Names } from '../parse/names.ts';
import type { Queue } from '../queue/queue.ts';
import { STORE_AGAIN, type Writer } from './writer.ts';

/** Most denials in one transaction. */
const BLOCK = 500;
/** The stream under which they count. */
const STREAM = 'denywatch denied';

export class Inbox {
  readonly #queue: Queue;
  readonly #writer: Writer;
  readonly #names = new Names();
  #timer: NodeJS.Timeout | undefined;

  constructor(queue: Queue, writer: Writer) {
    this.#queue = queue;
    this.#writer = writer;
  }

  /** Takes everything that is there; what cannot be taken now is taken later. */
  take(): void {
    clearTimeout(this.#timer);
    const taken = this.#writer.attempt(() => {
      this.#queue.inbox.takeSpooled();
      while (this.#takeSome());
    });
    if (!taken) this.#timer = setTimeout(() => this.take(), STORE_AGAIN);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #takeSome(): boolean {
    const left = this.#queue.inbox.left(BLOCK);
    if (left.length === 0) return false;
    const denials = left.flatMap((one) => {
      const denial = readDenial(one.denial, this.#names);
      return denial === null ? [] : { denial, stream: STREAM };
    });
    const inbox = left.map(({ id }) => id);
    this.#writer.write((folding) => folding.add({ denials, areBrought: true }), { inbox });
    return true;
  }
}
