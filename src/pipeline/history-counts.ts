/** Turns denials and alerts into the counts of the history. */
import type { Alert } from '../fold/alert.ts';
import { sourceOf } from '../fold/key.ts';
import type { Denial } from '../parse/denial.ts';
import type { Unseen } from '../parse/unseen.ts';
import {
  groupKey,
  hourOf,
  minuteOf,
  type Happened,
  type HistoryEvent,
  type UnseenCount,
} from '../queue/history.ts';
import { describeAlert } from '../result/from-alert.ts';
import { safe } from '../text/name.ts';

export class HistoryCounts {
  readonly #minutes = new Map<number, number>();
  readonly #groups = new Map<string, Map<string, number>>();
  readonly #brought = new Map<string, Map<string, number>>();
  readonly #unseen: UnseenCount[] = [];
  readonly #now: number;
  /** The group of the last denial: in a flood nearly always that of the next one. */
  #last: {
    readonly hour: number;
    readonly host: string | null;
    readonly daemon: string;
    readonly clients: Map<string, number>;
  } | null = null;

  /** @param now ms since 1970: a line from a clock that is ahead counts as now */
  constructor(now: number) {
    this.#now = now;
  }

  /** Counts `count` of the refusals that a denial represents. */
  add(denial: Denial, count: number): void {
    const at = Math.min(denial.at, this.#now);
    increase(this.#minutes, minuteOf(at), count);
    increase(this.#clientsOf(denial, hourOf(at)), safe(sourceOf(denial)), count);
  }

  /** The same, of a denial that another process brought. */
  addBrought(denial: Denial, count: number): void {
    this.add(denial, count);
    const { host, daemon } = denial;
    const group = groupKey(Math.min(denial.at, this.#now), storedName(host), safe(daemon));
    const clients = this.#brought.get(group) ?? new Map<string, number>();
    this.#brought.set(group, clients);
    increase(clients, safe(sourceOf(denial)), count);
  }

  /** Counts `count` of what a line reports as unseen. */
  addUnseen({ at, host, program, why }: Unseen, count: number): void {
    const hour = hourOf(Math.min(at, this.#now));
    this.#unseen.push({ hour, host: storedName(host), program: storedName(program), why, count });
  }

  /** Everything that was counted, with the alerts of scans, sweeps and storms. */
  happened(alerts: readonly Alert[]): Happened {
    const events = alerts.flatMap(eventOf);
    return {
      minutes: this.#minutes,
      groups: this.#groups,
      brought: this.#brought,
      events,
      unseen: this.#unseen,
    };
  }

  #clientsOf({ host, daemon }: Denial, hour: number): Map<string, number> {
    const last = this.#last;
    if (last?.hour === hour && last.host === host && last.daemon === daemon) return last.clients;
    const group = groupKey(hour, storedName(host), safe(daemon));
    const clients = this.#groups.get(group) ?? new Map<string, number>();
    this.#groups.set(group, clients);
    this.#last = { hour, host, daemon, clients };
    return clients;
  }
}

/** The event that the history stores for an alert, if any. */
function eventOf(alert: Alert): HistoryEvent[] {
  const { about, detail, subject, event } = describeAlert(alert);
  if (event === null || !('line' in about)) return [];
  const host = subject.host === null ? null : safe(subject.host);
  const text = about.line + detail.line;
  return [{ kind: event, at: alert.at, host, text, denials: alert.count }];
}

/** A name as the history stores it; '' where it is unknown. */
export const storedName = (name: string | null) => (name === null ? '' : safe(name));

function increase<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
