/**
 * Scans: one client refused by several daemons, or several clients of one network refused by one
 * daemon. Both are a group (the client; network and daemon) of which several members (daemons;
 * clients) are seen within a time. From then on the group's denials are counted and told together,
 * in windows that grow as those of repeats do.
 */
import type { Denial } from '../parse/denial.ts';
import type { Alert } from './alert.ts';
import { Kept } from './kept.ts';

/** Most members of a group that are told apart: each costs room in its row. */
const MEMBERS = 32;

interface Group {
  /** The logging host; null for several. */
  host: string | null;
  /** Members and when each was seen last: of the last while, or of the window if it is a scan. */
  members: Map<string, number>;
  /** The scan's window, ms; its length is 0 while the group is no scan yet. */
  start: number;
  length: number;
  /** Denials of the window, not told. */
  count: number;
}

type Saved = [host: string | null, start: number, length: number, count: number, members: Seen];
type Seen = [member: string, at: number][];

/** What the text of a scan tells. */
export interface ScanTold {
  readonly group: string;
  readonly members: readonly string[];
  /** False if there may be more members than these. */
  readonly complete: boolean;
  /** Denials since the last alert; 0 in the first one. */
  readonly more: number;
  /** The time that it tells of, ms. */
  readonly time: number;
}

/** What a scan has counted and not told. */
export interface ScanPart {
  readonly start: number;
  readonly count: number;
  readonly host: string | null;
  readonly clients: readonly string[];
  readonly daemons: readonly string[];
  /** Of the scan, safe to show. */
  readonly name: string;
  /** False if there may be more clients or daemons than these. */
  readonly complete: boolean;
}

export interface ScanOptions {
  /** Of its rows. */
  readonly prefix: string;
  /** How many members make a scan; null: none is made. */
  readonly threshold: number | null;
  /** Within how many ms; also the length of the first window, and of the longest. */
  readonly window: number;
  readonly maxWindow: number;
  /** Most groups that are watched. */
  readonly keys: number;
  /** Which group a denial belongs to, if any, and which member of it. */
  readonly place: (denial: Denial) => { group: string; member: string } | null;
  /** The clients and daemons of a group, and its name. */
  readonly names: (
    group: string,
    members: string[],
  ) => Pick<ScanPart, 'clients' | 'daemons' | 'name'>;
  readonly from: (group: string) => Exclude<Alert['scan'], undefined>;
  readonly text: (told: ScanTold) => string;
  /** Tells an alert that is due at a time; false if it may not be told. */
  readonly tell: (alert: Alert, at: number) => boolean;
}

export class Scans {
  readonly #options: ScanOptions;
  readonly #groups: Kept<Group>;
  /** Most members of a group that are kept. */
  readonly #limit: number;

  constructor(options: ScanOptions, saved: Iterable<readonly [string, string]>) {
    this.#options = options;
    this.#limit = Math.max(MEMBERS, (options.threshold ?? 0) + 1);
    const end = (group: Group) => this.#endOf(group);
    this.#groups = new Kept({ prefix: options.prefix, encode, decode, end }, saved);
  }

  /** Ends what a denial comes too late for. */
  endDue(denial: Denial): void {
    const placed = this.#groups.size === 0 ? null : this.#options.place(denial);
    if (placed === null) return;
    for (;;) {
      const group = this.#groups.get(placed.group);
      if (group === undefined || denial.at < this.#endOf(group)) return;
      if (!this.#end(placed.group, group)) return;
    }
  }

  /** Counts a denial if it belongs to a scan that goes on; false if not. */
  count(denial: Denial): boolean {
    const placed = this.#groups.size === 0 ? null : this.#options.place(denial);
    const group = placed === null ? undefined : this.#groups.get(placed.group);
    if (placed === null || group === undefined || group.length === 0) return false;
    group.count += denial.count;
    this.#note(placed.group, group, placed.member, denial);
    return true;
  }

  /** Takes note of a denial that is in no scan yet. Gives the alert if it makes one. */
  watch(denial: Denial): Alert | null {
    const { threshold, window, keys, place } = this.#options;
    const placed = threshold === null ? null : place(denial);
    if (threshold === null || placed === null) return null;
    const { at, host, count } = denial;
    let group = this.#groups.get(placed.group);
    if (group === undefined) {
      if (this.#groups.size >= keys) this.#giveUp(at);
      group = { host, members: new Map(), start: at, length: 0, count: 0 };
    }
    const { members } = group;
    this.#note(placed.group, group, placed.member, denial);
    const last = latest(members);
    for (const [member, seen] of members) if (seen <= last - window) members.delete(member);
    if (members.size < threshold) return null;
    const first = Math.min(...members.values());
    const told = this.#scan(placed.group, members, 0, last - first);
    group.start = at;
    group.length = window;
    group.members = new Map();
    return this.#alert(told, { at, host: group.host, count });
  }

  next(): number {
    return this.#groups.next();
  }

  /** Ends what is due next. */
  endNext(): void {
    this.#end(...this.#groups.head());
  }

  /** What is counted and not told. */
  *parts(): Generator<ScanPart> {
    for (const [key, { start, count, host, members }] of this.#groups.entries()) {
      if (count === 0) continue;
      const names = this.#options.names(key, [...members.keys()]);
      yield { start, count, host, ...names, complete: members.size < this.#limit };
    }
  }

  clear(): void {
    this.#groups.clear();
  }

  changes() {
    return this.#groups.changes();
  }

  #scan(group: string, members: ReadonlyMap<string, number>, more: number, time: number): ScanTold {
    const complete = members.size < this.#limit;
    return { group, members: [...members.keys()], complete, more, time };
  }

  #note(key: string, group: Group, member: string, { at, host }: Denial): void {
    const { members } = group;
    const seen = members.get(member);
    if (seen !== undefined || members.size < this.#limit)
      members.set(member, Math.max(at, seen ?? at));
    if (group.host !== host) group.host = null;
    this.#groups.set(key, group);
  }

  /** When a scan's window ends, or the last member of a group that is no scan is too old. */
  #endOf({ start, length, members }: Group): number {
    return length > 0 ? start + length : latest(members) + this.#options.window;
  }

  /** It has come to that. False if what the window counted may not be told now. */
  #end(key: string, group: Group): boolean {
    if (group.count === 0) {
      this.#groups.delete(key);
      return true;
    }
    const end = this.#endOf(group);
    if (!this.#tell(key, group, group.length, end)) return false;
    const { window, maxWindow } = this.#options;
    group.start = end;
    group.length = Math.max(window, Math.min(2 * group.length, maxWindow));
    group.count = 0;
    group.members = new Map();
    this.#groups.set(key, group);
    return true;
  }

  #tell(key: string, { members, count, host }: Group, time: number, at: number): boolean {
    const told = this.#scan(key, members, count, time);
    return this.#options.tell(this.#alert(told, { at, host, count }), at);
  }

  #alert(told: ScanTold, rest: Pick<Alert, 'at' | 'host' | 'count'>): Alert {
    const { from, text } = this.#options;
    return { kind: 'scan', ...rest, denial: null, scan: from(told.group), text: text(told) };
  }

  /** Too many groups: the least active one is watched no longer, and what it counted is told. */
  #giveUp(now: number): void {
    const least = this.#groups.least(({ count }) => count);
    if (least === undefined) return;
    const [key, group] = least;
    if (group.count === 0 || this.#tell(key, group, now - group.start, now)) {
      this.#groups.delete(key);
    }
  }
}

function latest(members: ReadonlyMap<string, number>): number {
  let last = 0;
  for (const at of members.values()) if (at > last) last = at;
  return last;
}

const encode = ({ host, start, length, count, members }: Group) =>
  JSON.stringify([host, start, length, count, [...members]] satisfies Saved);

function decode(text: string): Group {
  const [host, start, length, count, members] = JSON.parse(text) as Saved;
  return { host, start, length, count, members: new Map(members) };
}
