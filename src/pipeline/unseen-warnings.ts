/**
 * One warning a period reports how much was unseen in it. Periods grow while that continues, like
 * the fold's windows.
 */
import type { Logger } from 'pino';
import type { UnseenReason } from '../parse/unseen.ts';
import type { UnseenCount } from '../queue/history.ts';
import { plural } from '../text/amounts.ts';

/** The first period, and the longest, ms. */
const FIRST = 60_000;
const LONGEST = 3_600_000;

const WORDS: Readonly<Record<UnseenReason, (count: number, by: string) => string>> = {
  'max-startups': (count) =>
    `sshd dropped at least ${plural(count, 'connection')} before it asked hosts.deny, and no log says where they came from; denywatch check says what to do`,
  'journald-rate-limit': (count, by) =>
    `journald suppressed at least ${plural(count, 'message')} of ${by}: there may be refusals among them; raise RateLimitBurst= in journald.conf`,
  'rsyslog-rate-limit': (count, by) =>
    `rsyslogd discarded at least ${plural(count, 'message')} of ${by}: there may be refusals among them; raise ratelimit.burst of its input`,
};

interface Period {
  length: number;
  count: number;
  timer: NodeJS.Timeout;
}

export class UnseenWarnings {
  readonly #log: Logger;
  /**
   * By the subject of the warning. Bounded, because names come from anyone who writes to the log.
   */
  readonly #periods = new Map<string, Period>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Counts what was stored. */
  add({ why, program, count }: UnseenCount): void {
    const by = program === '' || this.#periods.size >= MOST ? 'others' : program;
    const key = `${why}\n${why === 'max-startups' ? '' : by}`;
    const period = this.#periods.get(key);
    if (period !== undefined) period.count += count;
    else this.#begin(key, FIRST, count);
  }

  /** Reports what was counted in periods that are not over. */
  close(): void {
    for (const [key, { count, timer }] of this.#periods) {
      clearTimeout(timer);
      this.#warn(key, count);
    }
    this.#periods.clear();
  }

  #begin(key: string, length: number, count: number): void {
    const timer = setTimeout(() => this.#end(key), length);
    this.#periods.set(key, { length, count, timer });
  }

  #end(key: string): void {
    const { count, length } = this.#periods.get(key)!;
    this.#warn(key, count);
    if (count === 0) this.#periods.delete(key);
    else this.#begin(key, Math.min(2 * length, LONGEST), 0);
  }

  #warn(key: string, count: number): void {
    const [why, by] = key.split('\n') as [UnseenReason, string];
    if (count > 0) this.#log.warn({ count }, WORDS[why](count, by));
  }
}

/** Most warnings whose periods are open at once, besides those about others. */
const MOST = 20;
