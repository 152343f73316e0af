/** Results on their way to a monitor, and verdicts that are not in the queue file yet. */
import type { Verdict } from '../monitor/monitor.ts';
import type { Outbox } from '../queue/outbox.ts';

/**
 * How soon a verdict is in the queue file, ms. A transaction waits for the disk: verdicts that come
 * within this time share one.
 */
const RECORD_WITHIN = 100;

export class Ledger {
  readonly #outbox: Pick<Outbox, 'delivered' | 'setAside'>;
  readonly #onDelivered: (results: number) => void;
  /** Ids of results that were sent and have no verdict yet. */
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

  /** The session succeeded: results without a verdict count as taken. */
  takeAll(): void {
    this.#taken.push(...this.#sent);
    this.#sent.clear();
  }

  /** No more verdicts will come: returns the results without one, and leaves them in the queue. */
  giveUp(): number[] {
    const ids = [...this.#sent];
    this.#sent.clear();
    return ids;
  }

  /**
   * Records the verdicts in the queue. Throws if they cannot be stored; they are kept then, for the
   * next call.
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
      // It is tried again at the end of the group, which reports what is wrong.
    }
  }
}
