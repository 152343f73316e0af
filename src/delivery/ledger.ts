/** What is on its way to a monitor, and what became of it but is not in the queue file yet. */
import type { Verdict } from '../monitor/monitor.ts';
import type { Outbox } from '../queue/outbox.ts';

/**
 * How soon a verdict is in the queue file, ms. A transaction waits for the disk: where verdicts come
 * one upon the other, those of this time share one.
 */
const RECORD_WITHIN = 100;

export class Ledger {
  readonly #outbox: Pick<Outbox, 'delivered' | 'setAside'>;
  readonly #onDelivered: (results: number) => void;
  /** Ids of what was sent and has no verdict yet. */
  #sent = new Set<number>();
  #taken: number[] = [];
  #refused: { readonly id: number; readonly reason: string }[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param onDelivered called with the number of results whenever some have left the queue */
  constructor(
    outbox: Pick<Outbox, 'delivered' | 'setAside'>,
    onDelivered: (results: number) => void,
  ) {
    this.#outbox = outbox;
    this.#onDelivered = onDelivered;
  }

  /** How many results were sent and have no verdict yet. */
  get open(): number {
    return this.#sent.size;
  }

  sent(ids: readonly number[]): void {
    for (const id of ids) this.#sent.add(id);
  }

  judge(id: number, verdict: Verdict): void {
    this.#sent.delete(id);
    if (verdict.kind === 'taken') this.#taken.push(id);
    else this.#refused.push({ id, reason: verdict.reason });
    this.#timer ??= setTimeout(() => this.#recordSoon(), RECORD_WITHIN);
  }

  /** The session ended well: all that has no verdict yet is taken. */
  takeAll(): void {
    this.#taken.push(...this.#sent);
    this.#sent.clear();
  }

  /** No verdict will come any more: gives what has none, and leaves it in the queue. */
  giveUp(): number[] {
    const ids = [...this.#sent];
    this.#sent.clear();
    return ids;
  }

  /**
   * Brings the queue up to what became of the results. Throws where that cannot be stored; it is
   * kept then, for the next time.
   */
  record(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (; this.#refused.length > 0; this.#refused.shift()) {
      const { id, reason } = this.#refused[0]!;
      this.#outbox.setAside(id, reason);
    }
    if (this.#taken.length === 0) return;
    this.#outbox.delivered(this.#taken);
    const { length } = this.#taken;
    this.#taken = [];
    this.#onDelivered(length);
  }

  #recordSoon(): void {
    try {
      this.record();
    } catch {
      // The end of the group tries it again, and says what is wrong.
    }
  }
}
