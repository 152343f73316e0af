/** The one alert that reports a period of a storm. */
import { shownClient } from '../text/address.ts';
import type { CountedHost, CountedPart, Part, StormAlert } from './alert.ts';
import type { GroupPart } from './detector.ts';
import { sourceOf } from './key.ts';
import type { Period } from './storm.ts';
import type { Window } from './window.ts';

/** Most parts, and most hosts, that a summary names. */
const MOST = 3;

/** Sums up everything that windows and groups have counted; null if that is nothing. */
export function summary(
  period: Period,
  windows: Iterable<Window>,
  groups: Iterable<GroupPart>,
): { alert: StormAlert | null; keys: number } {
  const sum = new Summary(period);
  for (const { denial, start, count } of windows) {
    if (count === 0) continue;
    const { host, daemon, client, address } = denial;
    sum.add(
      { kind: 'pair', daemon, client: shownClient(client) ?? address },
      { start, count, host },
    );
    sum.nameOne(sourceOf(denial), daemon);
  }
  for (const group of groups) {
    sum.add(group.part, group);
    sum.name(group);
  }
  return { alert: sum.alert(), keys: sum.keys };
}

class Summary {
  /** How many keys were counted. */
  keys = 0;
  readonly #period: Period;
  #start: number;
  #count: number;
  /** The one logging host, null for several; undefined while there is none. */
  #host: string | null | undefined;
  #complete: boolean;
  readonly #clients = new Set<string>();
  readonly #daemons: Set<string>;
  /** What a part counted, by its name; the same part on several hosts is one. */
  readonly #parts = new Map<string, { part: Part; count: number }>();
  /** What a host counted, as far as known; 0 for a host that is only named. */
  readonly #hosts: Map<string, number>;

  constructor(period: Period) {
    this.#period = period;
    this.#start = period.start;
    this.#count = period.count;
    this.#host = period.host;
    this.#complete = period.count === 0;
    this.#daemons = new Set(period.daemons);
    this.#hosts = new Map(period.hosts);
  }

  add(part: Part, { start, count, host }: Pick<GroupPart, 'start' | 'count' | 'host'>): void {
    this.keys++;
    const key = keyOf(part);
    const known = this.#parts.get(key);
    if (known === undefined) this.#parts.set(key, { part, count });
    else known.count += count;
    if (host !== null) this.#hosts.set(host, (this.#hosts.get(host) ?? 0) + count);
    this.#start = Math.min(this.#start, start);
    this.#count += count;
    this.#host = this.#host === undefined || this.#host === host ? host : null;
  }

  /** Collects the client and the daemon of a window. */
  nameOne(client: string, daemon: string): void {
    this.#clients.add(client);
    this.#daemons.add(daemon);
  }

  /** Collects the clients, daemons and hosts of a part. */
  name({
    clients,
    daemons,
    hosts,
    complete,
  }: Omit<GroupPart, 'part' | 'start' | 'count' | 'host'>) {
    for (const client of clients) this.#clients.add(client);
    for (const daemon of daemons) this.#daemons.add(daemon);
    for (const host of hosts) this.#hosts.set(host, this.#hosts.get(host) ?? 0);
    this.#complete &&= complete;
  }

  alert(): StormAlert | null {
    if (this.#count === 0) return null;
    const { end } = this.#period;
    return {
      kind: 'storm',
      at: end,
      host: this.#host ?? null,
      count: this.#count,
      clients: this.#clients.size,
      daemons: this.#daemons.size,
      hosts: this.#hosts.size,
      complete: this.#complete,
      duration: end - this.#start,
      most: this.#most(),
      topHosts: this.#topHosts(),
    };
  }

  #most(): CountedPart[] {
    return [...this.#parts]
      .filter(([, { count }]) => count > 1)
      .toSorted(([a, one], [b, other]) => byCount([a, one.count], [b, other.count]))
      .slice(0, MOST)
      .map(([, counted]) => counted);
  }

  #topHosts(): CountedHost[] {
    if (this.#hosts.size < 2) return [];
    return [...this.#hosts]
      .filter(([, count]) => count > 0)
      .toSorted(byCount)
      .slice(0, MOST)
      .map(([host, count]) => ({ host, count }));
  }
}

/** The name of a part, the same for all hosts. */
function keyOf(part: Part): string {
  switch (part.kind) {
    case 'pair':
      return `${part.daemon}\n${part.client ?? ''}`;
    case 'network-scan':
      return `${part.daemon}\n${part.network}`;
    case 'scan':
    case 'sweep':
  }
  return `\n${part.kind}\n${part.client}`;
}

type Counted = readonly [name: string, count: number];

/** In descending order; the order of equal counts is always the same, also after a restart. */
function byCount([a, more]: Counted, [b, less]: Counted): number {
  return less - more || (a < b ? -1 : 1);
}
