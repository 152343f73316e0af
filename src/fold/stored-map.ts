/**
 * A map of records that end at a time, which tracks what must be stored. The state of a fold
 * consists of several such maps, and each record is one row in the queue file.
 */

/** How a kind of record is stored: `prefix` distinguishes its rows from those of other kinds. */
export interface StoredKind<T> {
  readonly prefix: string;
  readonly encode: (value: T) => string;
  /** Throws where the text is not one of its own. */
  readonly decode: (text: string) => T;
  /** When the record is due, in milliseconds; it may only grow while the record is kept. */
  readonly end: (value: T) => number;
  /** Approximate memory of the record without its key, bytes. */
  readonly cost: (value: T) => number;
}

/** The most that is kept. */
export interface Room {
  readonly keys: number;
  readonly bytes: number;
}

/** A record: its place in the heap may be too early, which is corrected when it is reached. */
interface Entry<T> {
  readonly key: string;
  value: T;
  at: number;
  bytes: number;
}

export class StoredMap<T> {
  readonly #kind: StoredKind<T>;
  readonly #room: Room;
  readonly #map = new Map<string, Entry<T>>();
  /** Keys with a row, and keys whose row is out of date. */
  readonly #stored = new Set<string>();
  readonly #changed = new Set<string>();
  #bytes = 0;
  /** Binary heap on `at`. A record may be gone: its entry is removed when it is reached. */
  #heap: Entry<T>[] = [];
  /** Where `least` looks next. (An unused iterator keeps old states of the map alive.) */
  #hand: Iterator<string> | null = null;
  #sinceLeast = 0;

  constructor(kind: StoredKind<T>, room: Room) {
    this.#kind = kind;
    this.#room = room;
  }

  /** Whether a row is one of these records. */
  owns(row: string): boolean {
    return row.startsWith(this.#kind.prefix);
  }

  /** Loads a saved row. @throws where it is not a row of this map */
  load(row: string, text: string): void {
    const key = row.slice(this.#kind.prefix.length);
    const value = this.#kind.decode(text);
    if (!Number.isFinite(this.#kind.end(value))) throw new Error('no end');
    this.#stored.add(key);
    this.set(key, value);
    this.#changed.delete(key);
  }

  /** Whether there is no room for another record. */
  get isFull(): boolean {
    return this.#map.size >= this.#room.keys || this.#bytes >= this.#room.bytes;
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: string): T | undefined {
    return this.#map.get(key)?.value;
  }

  *entries(): Generator<[string, T]> {
    for (const { key, value } of this.#map.values()) yield [key, value];
  }

  *values(): Generator<T> {
    for (const { value } of this.#map.values()) yield value;
  }

  /** Stores a record, or marks the stored one as changed. */
  set(key: string, value: T): void {
    const bytes = this.#kind.cost(value) + key.length;
    this.#changed.add(key);
    const known = this.#map.get(key);
    if (known !== undefined) {
      this.#bytes += bytes - known.bytes;
      known.value = value;
      known.bytes = bytes;
      return;
    }
    const entry = { key, value, at: this.#kind.end(value), bytes };
    this.#bytes += bytes;
    this.#map.set(key, entry);
    this.#push(entry);
    if (++this.#sinceLeast > 100) this.#hand = null;
  }

  delete(key: string): void {
    const entry = this.#map.get(key);
    if (entry === undefined) return;
    this.#map.delete(key);
    this.#bytes -= entry.bytes;
    if (this.#stored.has(key)) this.#changed.add(key);
    else this.#changed.delete(key);
    // Records may be deleted long before they are due: their entries must not pile up.
    if (this.#heap.length > 2 * this.#map.size + 1000) this.#rebuild();
  }

  clear(): void {
    for (const key of this.#map.keys()) this.delete(key);
  }

  /** When the next record is due; Infinity if there is none. */
  next(): number {
    for (;;) {
      const head = this.#heap[0];
      if (head === undefined) return Infinity;
      if (this.#map.get(head.key) !== head) {
        this.#pop();
        continue;
      }
      const end = this.#kind.end(head.value);
      if (end <= head.at) return head.at;
      head.at = end;
      this.#down();
    }
  }

  /** The record that is due next; valid only directly after `next`. */
  head(): [key: string, value: T] {
    const { key, value } = this.#heap[0] as Entry<T>;
    return [key, value];
  }

  /**
   * A record to drop when there are too many: of the few that were passed over longest, the one
   * with the least `worth`, at once if that is 0.
   */
  least(worth: (value: T) => number): [key: string, value: T] | undefined {
    this.#sinceLeast = 0;
    this.#hand ??= this.#map.keys();
    let found: [string, T] | undefined;
    for (let tries = 0; tries < 8; tries++) {
      let step = this.#hand.next();
      if (step.done === true) {
        this.#hand = this.#map.keys();
        step = this.#hand.next();
        if (step.done === true) break;
      }
      const { value } = this.#map.get(step.value) as Entry<T>;
      if (found === undefined || worth(value) < worth(found[1])) found = [step.value, value];
      if (worth(found[1]) === 0) break;
    }
    return found;
  }

  /** The rows that changed since the last call; null for a row to delete. */
  *changes(): Generator<readonly [key: string, value: string | null]> {
    for (const key of this.#changed) {
      const entry = this.#map.get(key);
      if (entry === undefined) this.#stored.delete(key);
      else this.#stored.add(key);
      yield [this.#kind.prefix + key, entry === undefined ? null : this.#kind.encode(entry.value)];
    }
    this.#changed.clear();
  }

  #rebuild(): void {
    // A sorted array is a heap.
    this.#heap = [...this.#map.values()];
    for (const entry of this.#heap) entry.at = this.#kind.end(entry.value);
    this.#heap.sort((a, b) => (before(a, b) ? -1 : 1));
  }

  #push(entry: Entry<T>): void {
    const heap = this.#heap;
    let i = heap.length;
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up] as Entry<T>;
      if (!before(entry, parent)) break;
      heap[i] = parent;
      i = up;
    }
    heap[i] = entry;
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#down();
  }

  /** Sinks the head to its place. */
  #down(): void {
    const heap = this.#heap;
    const entry = heap[0] as Entry<T>;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && before(right, left)) child++;
      const least = heap[child] as Entry<T>;
      if (!before(least, entry)) break;
      heap[i] = least;
      i = child;
    }
    heap[i] = entry;
  }
}

type Place = Pick<Entry<unknown>, 'at' | 'key'>;

/** Records due at the same time are ordered by their keys, also after a restart. */
const before = (a: Place, b: Place) => a.at < b.at || (a.at === b.at && a.key < b.key);
