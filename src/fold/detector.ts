/**
 * Finds groups of denials: one client refused by several daemons, several clients of one network
 * refused by one daemon, one client refused on several hosts. Each is a group (the client; network
 * and daemon) of which several members (daemons; clients; hosts) are seen within a time. From then
 * on the group's denials are counted and reported together, in windows that grow like those of
 * repeats.
 */
import type { Denial } from '../parse/denial.ts';
import type { Alert, GroupAlert, Names, Part } from './alert.ts';
import { decodeGroup, encodeGroup, groupCost, type Group } from './group.ts';
import { Members } from './members.ts';
import { StoredMap, type Room } from './stored-map.ts';

/** Most daemons of a group that are distinguished where they are not its members. */
const DAEMONS = 32;

/** What a group has to report. */
interface Found extends GroupAlert {
  readonly group: string;
  readonly members: Names;
  /** Daemons, where they are not the members. */
  readonly daemons: Names;
}

/** What a group has counted and not reported. */
export interface GroupPart {
  readonly part: Part;
  readonly start: number;
  readonly count: number;
  readonly host: string | null;
  readonly clients: readonly string[];
  readonly daemons: readonly string[];
  readonly hosts: readonly string[];
  /** False if there may be more clients, daemons or hosts than these. */
  readonly complete: boolean;
}

/** The group and member of a denial. */
interface Place {
  readonly group: string;
  readonly member: string;
  /** The daemon, where it is not the member and the group may have several. */
  readonly daemon?: string;
}

/** A kind of group. */
export interface GroupKind {
  /** The prefix of its rows. */
  readonly prefix: string;
  /** How many members make a group; null: this kind is off. */
  readonly threshold: number | null;
  /** Most members of a group that are distinguished. */
  readonly members: number;
  /** When a group is first reported: as soon as it is found, or when its first window has ended. */
  readonly reported: 'found' | 'ended';
  readonly place: (denial: Denial) => Place | null;
  /** Whom a part of a storm is about, from its group, its members and its other daemons. */
  readonly people: (
    group: string,
    members: string[],
    daemons: readonly string[],
  ) => Partial<Pick<GroupPart, 'clients' | 'daemons' | 'hosts'>>;
  readonly part: (group: string) => Part;
  readonly alert: (found: Found) => Alert;
}

export interface DetectorOptions {
  /** Within how many ms members make a group; also the first window, and the longest one. */
  readonly window: number;
  readonly maxWindow: number;
  /** The bound for groups, and again for their members. */
  readonly room: Room;
  /** Raises an alert that is due at a time; false if there are too many: then counting goes on. */
  readonly raise: (alert: Alert, at: number) => boolean;
}

const NOBODY = { clients: [], daemons: [], hosts: [] };

export class Detector {
  readonly #kind: GroupKind;
  readonly #options: DetectorOptions;
  readonly #groups: StoredMap<Group>;
  readonly #members: Members;

  constructor(kind: GroupKind, options: DetectorOptions) {
    this.#kind = kind;
    this.#options = options;
    this.#members = new Members(`member of ${kind.prefix}`);
    this.#groups = new StoredMap(
      {
        prefix: kind.prefix,
        encode: encodeGroup,
        decode: decodeGroup,
        end: (group) => this.#endOf(group),
        cost: groupCost,
      },
      options.room,
    );
  }

  owns(row: string): boolean {
    return this.#groups.owns(row) || this.#members.owns(row);
  }

  load(row: string, value: string): void {
    if (this.#members.owns(row)) this.#members.load(row, value);
    else this.#groups.load(row, value);
  }

  /** Call this when all rows are loaded. */
  loaded(): void {
    this.#members.loaded((key) => this.#groups.get(key) !== undefined);
  }

  /** Ends groups whose windows are over at the time of a denial. */
  endDue(denial: Denial): void {
    const placed = this.#groups.size === 0 ? null : this.#kind.place(denial);
    if (placed === null) return;
    for (;;) {
      const group = this.#groups.get(placed.group);
      if (group === undefined || denial.at < this.#endOf(group)) return;
      if (!this.#end(placed.group, group)) return;
    }
  }

  /** Counts a denial if it belongs to a found group that goes on; false if not. */
  count(denial: Denial): boolean {
    const placed = this.#groups.size === 0 ? null : this.#kind.place(denial);
    const group = placed === null ? undefined : this.#groups.get(placed.group);
    if (placed === null || group === undefined || group.state === 'watched') return false;
    group.count += denial.count;
    this.#note(placed, group, denial);
    return true;
  }

  /**
   * Records a denial that is in no group yet.
   * @returns the alert that is due if it completes a group; true if it is counted in a group
   *   that is reported later; otherwise null
   */
  watch(denial: Denial): Alert | true | null {
    const { threshold, place } = this.#kind;
    const placed = threshold === null ? null : place(denial);
    if (threshold === null || placed === null) return null;
    const { at, host, count } = denial;
    let group = this.#groups.get(placed.group);
    if (group === undefined) {
      this.#makeRoom(at);
      group = {
        state: 'watched',
        host,
        start: at,
        length: 0,
        count: 0,
        last: at,
        daemons: [],
        missed: false,
      };
    }
    this.#note(placed, group, denial);
    const { window } = this.#options;
    this.#members.forget(placed.group, group.last - window);
    if (this.#members.size(placed.group) < threshold) return null;
    return this.#find(placed.group, group, { at, count });
  }

  next(): number {
    return this.#groups.next();
  }

  /** Ends the window that is due next. */
  endNext(): void {
    this.#end(...this.#groups.head());
  }

  /** What is counted and not reported. */
  *parts(): Generator<GroupPart> {
    for (const [key, { start, count, host, daemons, missed }] of this.#groups.entries()) {
      if (count === 0) continue;
      const people = this.#kind.people(key, this.#members.names(key), daemons);
      const part = this.#kind.part(key);
      yield { part, start, count, host, ...NOBODY, ...people, complete: !missed };
    }
  }

  clear(): void {
    for (const [key] of this.#groups.entries()) this.#delete(key);
  }

  *changes(): Generator<readonly [key: string, value: string | null]> {
    yield* this.#groups.changes();
    yield* this.#members.changes();
  }

  /** Handles a group that has enough members. */
  #find(key: string, group: Group, { at, count }: Pick<Denial, 'at' | 'count'>): Alert | true {
    const { first, last } = this.#members.times(key);
    group.length = this.#options.window;
    if (this.#kind.reported === 'ended') {
      group.state = 'found';
      group.start = first;
      group.count = count;
      // It ends earlier than a group that is only watched.
      this.#groups.delete(key);
      this.#groups.set(key, group);
      return true;
    }
    const found = this.#found(key, group, { at, count, duration: last - first });
    this.#begin(key, group, at);
    return this.#kind.alert(found);
  }

  /** Begins a window, after an alert. */
  #begin(key: string, group: Group, start: number): void {
    this.#members.clear(key);
    group.state = 'reported';
    group.start = start;
    group.count = 0;
    group.daemons = [];
    group.missed = false;
    this.#groups.set(key, group);
  }

  #found(key: string, group: Group, when: Pick<Found, 'at' | 'count' | 'duration'>): Found {
    const { host, daemons, missed, state } = group;
    const complete = !missed;
    return {
      group: key,
      host,
      members: { names: this.#members.names(key), complete },
      daemons: { names: daemons, complete },
      more: state === 'reported' ? when.count : 0,
      ...when,
    };
  }

  #note({ group: key, member, daemon }: Place, group: Group, { at, host }: Denial): void {
    const { members } = this.#kind;
    const room =
      this.#members.bytes < this.#options.room.bytes && this.#members.size(key) < members;
    if (room || this.#members.has(key, member)) this.#members.note(key, member, at);
    else group.missed = true;
    if (daemon !== undefined && !group.daemons.includes(daemon)) {
      if (group.daemons.length < DAEMONS) group.daemons.push(daemon);
      else group.missed = true;
    }
    group.last = Math.max(group.last, at);
    if (group.host !== host) group.host = null;
    this.#groups.set(key, group);
  }

  /**
   * When a group's window ends, or when the last member of a group that is not found yet is too
   * old.
   */
  #endOf({ state, start, length, last }: Group): number {
    return state === 'watched' ? last + this.#options.window : start + length;
  }

  /** Handles a group that is due. False if what its window counted may not be reported now. */
  #end(key: string, group: Group): boolean {
    if (group.count === 0) {
      this.#delete(key);
      return true;
    }
    const end = this.#endOf(group);
    if (!this.#report(key, group, group.length, end)) return false;
    const { window, maxWindow } = this.#options;
    group.length = Math.max(window, Math.min(2 * group.length, maxWindow));
    this.#begin(key, group, end);
    return true;
  }

  #report(key: string, group: Group, duration: number, at: number): boolean {
    const found = this.#found(key, group, { at, count: group.count, duration });
    return this.#options.raise(this.#kind.alert(found), at);
  }

  /** Too many groups: stops watching the least active ones, and reports what they counted. */
  #makeRoom(now: number): void {
    while (this.#groups.isFull) {
      const least = this.#groups.least(({ count }) => count);
      if (least === undefined) return;
      const [key, group] = least;
      if (group.count > 0 && !this.#report(key, group, now - group.start, now)) return;
      this.#delete(key);
    }
  }

  #delete(key: string): void {
    this.#groups.delete(key);
    this.#members.clear(key);
  }
}
