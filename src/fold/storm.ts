/**
 * Storms: more than a configured number of alerts in a minute. From then on only one summary a
 * period is reported, until a period had so few keys that each could have been an alert of its own.
 */
import type { Denial } from '../parse/denial.ts';
import { isNumber, isText } from './row.ts';

const ROW = 'storm';
const MINUTE = 60;
/** Most daemons, and most hosts, that are distinguished among dropped keys. */
const NAMES = 100;

/** One period of a storm, and what it counted of keys that were dropped for lack of room. */
export interface Period {
  start: number;
  end: number;
  count: number;
  /** Their logging host, null for several; undefined while there are none. */
  host?: string | null;
  daemons: string[];
  /** How many of them each host counted. */
  hosts: Map<string, number>;
}

interface State {
  /** How many alerts were raised in each of the last seconds. */
  recent: [second: number, alerts: number][];
  period: Period | null;
}

export interface StormOptions {
  /** Most alerts in a minute that are not a storm. */
  readonly alerts: number;
  /** Length of a period, ms. */
  readonly every: number;
}

export class Storm {
  readonly #options: StormOptions | null;
  readonly #state: State;
  #changed = false;

  /** @param options null: there is never a storm */
  constructor(options: StormOptions | null, saved: Iterable<readonly [string, string]>) {
    this.#options = options;
    const row = [...saved].find(([key]) => key === ROW)?.[1];
    this.#state = row === undefined ? { recent: [], period: null } : decode(row);
  }

  /** The current period; null while there is no storm. */
  get period(): Readonly<Period> | null {
    return this.#state.period;
  }

  /** Sets the time, ms. If it went back, later events still come on time. */
  clock(now: number): void {
    const { recent, period } = this.#state;
    const second = Math.floor(now / 1000);
    const last = recent.at(-1);
    if (last !== undefined && last[0] > second) {
      for (const entry of recent) entry[0] = Math.min(entry[0], second);
      this.#changed = true;
    }
    const end = now + (this.#options?.every ?? 0);
    if (period !== null && period.end > end) {
      period.end = end;
      this.#changed = true;
    }
  }

  /** Counts an alert that is due at a time. False if it is one too many: a storm has begun. */
  allow(at: number): boolean {
    if (this.#state.period !== null) return false;
    if (this.#options === null) return true;
    const { recent } = this.#state;
    const last = recent.at(-1);
    const second = Math.max(Math.floor(at / 1000), last?.[0] ?? 0);
    while (recent[0] !== undefined && recent[0][0] <= second - MINUTE) recent.shift();
    this.#changed = true;
    if (recent.reduce((sum, [, alerts]) => sum + alerts, 0) >= this.#options.alerts) {
      recent.length = 0;
      this.#state.period = begin(at, at + this.#options.every);
      return false;
    }
    if (last?.[0] === second) last[1]++;
    else recent.push([second, 1]);
    return true;
  }

  /** Drops a key for lack of room: what it counted is reported without its name. */
  giveUp({ host, daemon }: Denial, count: number): void {
    const { period } = this.#state;
    if (period === null) return;
    period.count += count;
    period.host = period.host === undefined || period.host === host ? host : null;
    const { daemons, hosts } = period;
    if (daemons.length < NAMES && !daemons.includes(daemon)) daemons.push(daemon);
    if (host !== null && (hosts.has(host) || hosts.size < NAMES))
      hosts.set(host, (hosts.get(host) ?? 0) + count);
    this.#changed = true;
  }

  /** Begins the next period, or ends the storm if the last one had few enough keys. */
  endPeriod(keys: number): void {
    const { period } = this.#state;
    if (period === null) return;
    const options = this.#options;
    const calm =
      options === null ||
      (period.count === 0 && keys * 1000 * MINUTE <= options.alerts * options.every);
    this.#state.period = calm ? null : begin(period.end, period.end + options.every);
    this.#changed = true;
  }

  *changes(): Generator<[key: string, value: string]> {
    if (this.#changed) yield [ROW, encode(this.#state)];
    this.#changed = false;
  }
}

const begin = (start: number, end: number): Period => ({
  start,
  end,
  count: 0,
  daemons: [],
  hosts: new Map(),
});

type Saved = Omit<State, 'period'> & {
  readonly period: (Omit<Period, 'hosts'> & { readonly hosts?: [string, number][] }) | null;
};

function encode({ recent, period }: State): string {
  const saved = period === null ? null : { ...period, hosts: [...period.hosts] };
  return JSON.stringify({ recent, period: saved } satisfies Saved);
}

/** @throws where the text is not a row of a storm */
function decode(text: string): State {
  const { recent, period } = JSON.parse(text) as Saved;
  if (!recent.flat().every(isNumber)) throw new Error('no storm');
  if (period === null) return { recent, period };
  const { start, end, count, daemons, hosts } = period;
  if (![start, end, count].every(isNumber) || !daemons.every(isText)) throw new Error('no storm');
  return { recent, period: { ...period, hosts: new Map(hosts) } };
}
