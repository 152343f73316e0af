/**
 * The members of groups, such as the daemons that refused a client: in the order in which they
 * came, each with the time when it was last seen. Each is a row of its own in the queue file, so
 * that one more always costs the same.
 */

interface Member {
  /** ms since 1970 */
  at: number;
  /** Grows with each member of a group. */
  readonly order: number;
}

interface Group {
  members: Map<string, Member>;
  /** The order of the next member. */
  next: number;
}

/** Approximate memory of a member without its names, bytes. */
const COST = 200;

export class Members {
  readonly #prefix: string;
  readonly #groups = new Map<string, Group>();
  /** Existing rows, and rows that are out of date. */
  readonly #stored = new Set<string>();
  readonly #changed = new Set<string>();
  /** Of all names, with those of their groups. */
  #bytes = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Approximate memory of the names. */
  get bytes(): number {
    return this.#bytes;
  }

  owns(row: string): boolean {
    return row.startsWith(this.#prefix);
  }

  /** Loads a saved row. @throws where it is not a row of members */
  load(row: string, value: string): void {
    const key = row.slice(this.#prefix.length);
    const { group, member } = partsOf(key);
    const [at = NaN, order = NaN] = value.split(' ').map(Number);
    if (!Number.isFinite(at) || !Number.isFinite(order)) throw new Error('no member');
    this.#stored.add(key);
    this.#add(group, member, { at, order });
  }

  /** Call this when all rows are loaded: sorts them, and drops those without a group. */
  loaded(hasGroup: (key: string) => boolean): void {
    for (const [key, group] of this.#groups) {
      if (!hasGroup(key)) this.clear(key);
      group.members = new Map([...group.members].toSorted(([, a], [, b]) => a.order - b.order));
    }
  }

  size(group: string): number {
    return this.#groups.get(group)?.members.size ?? 0;
  }

  names(group: string): string[] {
    return [...(this.#groups.get(group)?.members.keys() ?? [])];
  }

  has(group: string, member: string): boolean {
    return this.#groups.get(group)?.members.has(member) === true;
  }

  /** When the first and the last of the members were last seen, ms; 0 if there is none. */
  times(group: string): { first: number; last: number } {
    const members = this.#groups.get(group)?.members;
    if (members === undefined) return { first: 0, last: 0 };
    let [first, last] = [Infinity, 0];
    for (const { at } of members.values()) {
      if (at < first) first = at;
      if (at > last) last = at;
    }
    return { first, last };
  }

  /** Records that a member was seen. */
  note(group: string, member: string, at: number): void {
    const its = this.#groups.get(group);
    const known = its?.members.get(member);
    if (known === undefined) this.#add(group, member, { at, order: its?.next ?? 0 });
    else if (at > known.at) known.at = at;
    else return;
    this.#changed.add(keyOf(group, member));
  }

  /** Forgets members that were not seen after a time. */
  forget(group: string, until: number): void {
    for (const [member, { at }] of this.#groups.get(group)?.members ?? [])
      if (at <= until) this.#delete(group, member);
  }

  clear(group: string): void {
    this.forget(group, Infinity);
  }

  /** The rows that changed since the last call; null for a row to delete. */
  *changes(): Generator<readonly [key: string, value: string | null]> {
    for (const key of this.#changed) {
      const { group, member } = partsOf(key);
      const now = this.#groups.get(group)?.members.get(member);
      if (now === undefined) this.#stored.delete(key);
      else this.#stored.add(key);
      yield [this.#prefix + key, now === undefined ? null : `${now.at} ${now.order}`];
    }
    this.#changed.clear();
  }

  #add(key: string, member: string, value: Member): void {
    const group = this.#groups.get(key) ?? { members: new Map<string, Member>(), next: 0 };
    group.members.set(member, value);
    group.next = Math.max(group.next, value.order + 1);
    this.#groups.set(key, group);
    this.#bytes += COST + key.length + member.length;
  }

  #delete(group: string, member: string): void {
    const members = this.#groups.get(group)?.members;
    if (members?.delete(member) !== true) return;
    if (members.size === 0) this.#groups.delete(group);
    this.#bytes -= COST + group.length + member.length;
    const key = keyOf(group, member);
    if (this.#stored.has(key)) this.#changed.add(key);
    else this.#changed.delete(key);
  }
}

/** No name contains a newline, but a group may. */
const keyOf = (group: string, member: string) => `${group}\n${member}`;

function partsOf(key: string): { group: string; member: string } {
  const end = key.lastIndexOf('\n');
  return { group: key.slice(0, Math.max(0, end)), member: key.slice(end + 1) };
}
