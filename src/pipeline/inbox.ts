/** Denials that another process left in the queue (the verb denied). */
import type { Denial } from '../parse/denial.ts';
import type { Queue } from '../queue/queue.ts';
import { STORE_AGAIN, type Writer } from './writer.ts';

/** Most denials in one transaction. */
const BLOCK = 500;
/** The stream that they count as. */
const STREAM = 'denywatch denied';

export class Inbox {
  readonly #queue: Queue;
  readonly #writer: Writer;
  #timer: NodeJS.Timeout | undefined;

  constructor(queue: Queue, writer: Writer) {
    this.#queue = queue;
    this.#writer = writer;
  }

  /** Takes all that is there; what cannot be taken now is taken later. */
  take(): void {
    clearTimeout(this.#timer);
    const taken = this.#writer.attempt(() => {
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
    const denials = left.map(({ denial }) => ({ denial: denial as Denial, stream: STREAM }));
    const inbox = left.map(({ id }) => id);
    this.#writer.write((folding) => folding.add({ denials }), { inbox });
    return true;
  }
}
