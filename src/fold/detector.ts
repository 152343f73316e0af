/**
 * Finds groups of denials: one client refused by several daemons, or several clients of one network
 * refused by one daemon. Each is a group (the client; network and daemon) of which several members
 * (daemons; clients) are seen within a time. From then on the group's denials are counted and
 * reported together, in windows that grow as those of repeats do.
 */
import type { Denial } from '../parse/denial.ts';
import type { Alert, GroupAlert, Names, Part } from './alert.ts';
import { StoredMap } from './stored-map.ts';

/** Most members of a group that are distinguished: each costs room in its row. */
const MEMBERS = 32;

interface Group {
  /** The logging host; null for several. */
  host: string | null;
  /** Members and when each was seen last: of the last while, or of the window if the group is found. */
  members: Map<string, number>;
  /** The group's window, ms; its length is 0 until the group is found. */
  start: number;
  length: number;
  /** Denials of the window, not reported. */
  count: number;
}

type Saved = [host: string | null, start: number, length: number, count: number, members: Seen];
type Seen = [member: string, at: number][];

/** What there is to report of a group. */
interface Found extends Omit<GroupAlert, 'kind'> {
  readonly group: string;
  readonly members: Names;
}

/** What a group has counted and not reported. */
export interface GroupPart {
  readonly part: Part;
  readonly start: number;
  readonly count: number;
  readonly host: string | null;
  readonly clients: readonly string[];
  readonly daemons: readonly string[];
  /** False if there may be more clients or daemons than these. */
  readonly complete: boolean;
}

export interface DetectorOptions {
  /** Of its rows. */
  readonly prefix: string;
  /** How many members make a group; null: none is found. */
  readonly threshold: number | null;
  /** Within how many ms; also the length of the first window, and of the longest. */
  readonly window: number;
  readonly maxWindow: number;
  /** Most groups that are watched. */
  readonly keys: number;
  /** Which group a denial belongs to, if any, and which member of it. */
  readonly place: (denial: Denial) => { group: string; member: string } | null;
  readonly clients: (group: string, members: string[]) => string[];
  readonly daemons: (group: string, members: string[]) => string[];
  readonly part: (group: string) => Part;
  readonly alert: (found: Found) => Alert;
  /** Raises an alert that is due at a time; false if there are too many: it is counted on. */
  readonly raise: (alert: Alert, at: number) => boolean;
}

export class Detector {
  readonly #options: DetectorOptions;
  readonly #groups: StoredMap<Group>;
  /** Most members of a group that are kept. */
  readonly #limit: number;

  constructor(options: DetectorOptions, saved: Iterable<readonly [string, string]>) {
    this.#options = options;
    this.#limit = Math.max(MEMBERS, (options.threshold ?? 0) + 1);
    const end = (group: Group) => this.#endOf(group);
    this.#groups = new StoredMap({ prefix: options.prefix, encode, decode, end }, saved);
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

  /** Counts a denial if it belongs to a group that was found and goes on; false if not. */
  count(denial: Denial): boolean {
    const placed = this.#groups.size === 0 ? null : this.#options.place(denial);
    const group = placed === null ? undefined : this.#groups.get(placed.group);
    if (placed === null || group === undefined || group.length === 0) return false;
    group.count += denial.count;
    this.#note(placed.group, group, placed.member, denial);
    return true;
  }

  /** Takes note of a denial that is in no group yet. Gives the alert if it completes one. */
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
    const found = this.#found(placed.group, group, { at, count, more: 0, duration: last - first });
    group.start = at;
    group.length = window;
    group.members = new Map();
    return this.#options.alert(found);
  }

  next(): number {
    return this.#groups.next();
  }

  /** Ends what is due next. */
  endNext(): void {
    this.#end(...this.#groups.head());
  }

  /** What is counted and not reported. */
  *parts(): Generator<GroupPart> {
    for (const [key, { start, count, host, members }] of this.#groups.entries()) {
      if (count === 0) continue;
      const names = [...members.keys()];
      yield {
        part: this.#options.part(key),
        start,
        count,
        host,
        clients: this.#options.clients(key, names),
        daemons: this.#options.daemons(key, names),
        complete: members.size < this.#limit,
      };
    }
  }

  clear(): void {
    this.#groups.clear();
  }

  changes() {
    return this.#groups.changes();
  }

  #found(
    key: string,
    { host, members }: Group,
    when: Pick<Found, 'at' | 'count' | 'more' | 'duration'>,
  ): Found {
    const names = { names: [...members.keys()], complete: members.size < this.#limit };
    return { group: key, host, members: names, ...when };
  }

  #note(key: string, group: Group, member: string, { at, host }: Denial): void {
    const { members } = group;
    const seen = members.get(member);
    if (seen !== undefined || members.size < this.#limit)
      members.set(member, Math.max(at, seen ?? at));
    if (group.host !== host) group.host = null;
    this.#groups.set(key, group);
  }

  /** When a group's window ends, or the last member of one that is not found yet is too old. */
  #endOf({ start, length, members }: Group): number {
    return length > 0 ? start + length : latest(members) + this.#options.window;
  }

  /** It has come to that. False if what the window counted may not be reported now. */
  #end(key: string, group: Group): boolean {
    if (group.count === 0) {
      this.#groups.delete(key);
      return true;
    }
    const end = this.#endOf(group);
    if (!this.#report(key, group, group.length, end)) return false;
    const { window, maxWindow } = this.#options;
    group.start = end;
    group.length = Math.max(window, Math.min(2 * group.length, maxWindow));
    group.count = 0;
    group.members = new Map();
    this.#groups.set(key, group);
    return true;
  }

  #report(key: string, group: Group, duration: number, at: number): boolean {
    const { count } = group;
    const found = this.#found(key, group, { at, count, more: count, duration });
    return this.#options.raise(this.#options.alert(found), at);
  }

  /** Too many groups: the least active one is watched no longer, and what it counted is reported. */
  #giveUp(now: number): void {
    const least = this.#groups.least(({ count }) => count);
    if (least === undefined) return;
    const [key, group] = least;
    if (group.count === 0 || this.#report(key, group, now - group.start, now)) {
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
