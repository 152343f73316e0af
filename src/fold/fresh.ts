/**
 * How many of the denials in a line no other line has told: one refused connection may be written
 * to several logs, and xinetd writes two lines for one.
 */
import type { Denial } from '../parse/denial.ts';
import { sourceOf } from './key.ts';
import { Same } from './same.ts';

/** Formats of xinetd's two lines for one refusal, of which the first has the daemon's name. */
const XINETD = new Set(['xinetd', 'xinetd-fail']);

export class Fresh {
  readonly #logs: Same;
  readonly #xinetd: Same;

  /** @param limit how many connections are remembered at most; the oldest are forgotten first */
  constructor(limit: number, saved: readonly (readonly [key: string, value: string])[]) {
    this.#logs = new Same('same:', limit, saved);
    this.#xinetd = new Same('xinetd:', limit, saved);
  }

  /** @param stream that brought the line; null where there is no other to tell the same */
  count(denial: Denial, stream: string | null): number {
    const { at, host, daemon, pid, format } = denial;
    let { count } = denial;
    const who = `${pid ?? ''}\n${sourceOf(denial)}`;
    const line = XINETD.has(format) ? format : null;
    if (stream !== null) {
      const identity = `${daemon}\n${who}\n${line ?? ''}`;
      count = this.#logs.tell(identity, { at, host, count, teller: stream });
    }
    if (line === null || count === 0) return count;
    return this.#xinetd.tell(who, { at, host, count, teller: line });
  }

  /** Every stream was read as far as this. */
  forget(horizon: number): void {
    this.#logs.forget(horizon);
    this.#xinetd.forget(horizon);
  }

  /** When there is something to forget next, ms. */
  next(): number {
    return Math.min(this.#logs.next(), this.#xinetd.next());
  }

  *changes() {
    yield* this.#logs.changes();
    yield* this.#xinetd.changes();
  }
}
