/** How old what waits in the queue is, by a clock that may be set. */
import type { Statements } from './statements.ts';

/** How often results are looked at for their age, ms: that reads all of them. */
const AGEING = 60_000;
/** A clock that goes ahead by more than this in no time was set, ms. */
const SET = 60_000;

export interface Clocks {
  /** Ms since 1970. */
  readonly now?: () => number;
  /** Ms since any moment, by a clock that nobody sets. */
  readonly uptime?: () => number;
}

export class Ages {
  readonly #sql: Statements;
  readonly #uptime: () => number;
  /** What the clock was when `uptime` was 0. */
  #begin: number;
  #next = 0;

  constructor(sql: Statements, { now = Date.now, uptime = () => performance.now() }: Clocks) {
    this.#sql = sql;
    this.#uptime = uptime;
    this.#begin = now() - uptime();
  }

  /**
   * Whether to look for what is too old. A clock that was set, by decades at the boot of some
   * machines, has made nothing older: so far are the times moved that results wait since.
   */
  isDue(now: number): boolean {
    const begin = now - this.#uptime();
    const ahead = begin - this.#begin;
    if (Math.abs(ahead) > SET) {
      this.#begin = begin;
      this.#next = 0;
      if (ahead > 0) {
        const sql = 'UPDATE result SET queued = min(queued + ?, ?)';
        this.#sql.run(sql, Math.round(ahead), now);
      }
    }
    if (now < this.#next) return false;
    this.#next = now + AGEING;
    return true;
  }
}
