/** The age of waiting results, by a clock that may be set. */
import type { Statements } from './statements.ts';

/** How often the age of results is checked, ms: that reads all of them. */
const AGEING = 60_000;
/** A clock that jumps ahead by more than this was set, ms. */
const SET = 60_000;

/** `performance.now()` would do, but Node loads 1 ms of code for it. */
const uptimeMs = () => process.uptime() * 1000;

export interface Clocks {
  /** Ms since 1970. */
  readonly now?: () => number;
  /** Ms since an arbitrary moment, by a monotonic clock. */
  readonly uptime?: () => number;
}

export class Ages {
  readonly #sql: Statements;
  readonly #uptime: () => number;
  /** The time of the clock when `uptime` was 0. */
  #begin: number;
  #next = 0;

  constructor(sql: Statements, { now = Date.now, uptime = uptimeMs }: Clocks) {
    this.#sql = sql;
    this.#uptime = uptime;
    this.#begin = now() - uptime();
  }

  /**
   * Whether to look for results that are too old. Setting the clock (by decades when some machines
   * boot) makes nothing older: the times since when results wait are moved by the same amount.
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
