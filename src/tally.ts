/** From denials and alerts to what the history counts. */
import type { Alert } from './fold/alert.ts';
import { sourceOf } from './fold/key.ts';
import type { Denial } from './parse/denial.ts';
import { safe } from './parse/safe.ts';
import { historyKey, minuteOf, type Happened, type HistoryEvent } from './queue/history.ts';

export class Tally {
  readonly #minutes = new Map<number, number>();
  readonly #clients = new Map<string, number>();
  readonly #now: number;

  /** @param now ms since 1970: a line from a clock that is ahead counts as of now */
  constructor(now: number) {
    this.#now = now;
  }

  /** Counts `count` of the refusals that a denial stands for. */
  add(denial: Denial, count: number): void {
    const at = Math.min(denial.at, this.#now);
    const host = denial.host === null ? '' : safe(denial.host);
    const key = historyKey(at, host, safe(denial.daemon), safe(sourceOf(denial)));
    const minute = minuteOf(at);
    this.#clients.set(key, (this.#clients.get(key) ?? 0) + count);
    this.#minutes.set(minute, (this.#minutes.get(minute) ?? 0) + count);
  }

  /** All that was counted, and of the alerts the scans and storms. */
  happened(alerts: readonly Alert[]): Happened {
    const events = alerts.flatMap(({ kind, at, host, text, count }): HistoryEvent[] =>
      kind === 'scan' || kind === 'storm'
        ? [{ kind, at, host: host === null ? null : safe(host), text, denials: count }]
        : [],
    );
    return { minutes: this.#minutes, clients: this.#clients, events };
  }
}
