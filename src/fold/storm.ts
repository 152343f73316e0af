/**
 * Storms: more than a configured number of alerts in a minute. From then on only one summary a
 * period is reported, until a period had so few keys that each could have been an alert of its own.
 *
 * Denials of several streams do not come in the order of their times. So the time of a storm never
 * goes back, unless the clock was set back: otherwise a minute could pass again and again, and allow
 * as many alerts each time.
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
  /** How many alerts were raised in each of the last seconds; these never go back. */
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
  /** Not stored: after a restart it is as far as alerts, and streams, are known to be. */
  #furthest: number;

  /** @param options null: there is never a storm */
  constructor(options: StormOptions | null, saved: Iterable<readonly [string, string]>) {
    this.#options = options;
    const row = [...saved].find(([key]) => key === ROW)?.[1];
    this.#state = row === undefined ? { recent: [], period: null } : decode(row);
    this.#furthest = (this.#state.recent.at(-1)?.[0] ?? -Infinity) * 1000;
  }

  /** The current period; null while there is no storm. */
  get period(): Readonly<Period> | null {
    return this.#state.period;
  }

  /** How far any stream was ever read, ms: it does not go back. */
  get furthest(): number {
    return this.#furthest;
  }

  /** A stream was read up to this time, ms. */
  reach(time: number): void {
    if (time > this.#furthest) this.#furthest = time;
  }

  /** The clock was set back to this, ms, after every period has ended. */
  setBack(now: number): void {
    this.#furthest = now;
    const second = secondOf(now);
    for (const entry of this.#state.recent) entry[0] = Math.min(entry[0], second);
    this.#changed = true;
  }

  /** Counts an alert that is due at a time. False if it is one too many: a storm has begun. */
  allow(at: number): boolean {
    if (this.#state.period !== null) return false;
    if (this.#options === null) return true;
    const { recent } = this.#state;
    const last = recent.at(-1);
    const second = Math.max(secondOf(at), last?.[0] ?? 0);
    while (recent[0] !== undefined && recent[0][0] <= second - MINUTE) recent.shift();
    this.#changed = true;
    if (recent.reduce((sum, [, alerts]) => sum + alerts, 0) >= this.#options.alerts) {
      recent.length = 0;
      const start = Math.max(at, second * 1000);
      this.#state.period = begin(start, start + this.#options.every);
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
    // What is due late must not begin a storm in the past.
    if (calm) this.#state.recent = [[secondOf(period.end), 0]];
    this.#changed = true;
  }

  *changes(): Generator<[key: string, value: string]> {
    if (this.#changed) yield [ROW, encode(this.#state)];
    this.#changed = false;
  }
}

const secondOf = (time: number) => Math.floor(time / 1000);

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
