/**
 * A map of records that end at a time, which knows what of it must be stored: the state of a fold
 * is some of these, and each record is one row in the queue file.
 */

/** How a kind of record is stored: `prefix` distinguishes its rows from those of other kinds. */
export interface StoredKind<T> {
  readonly prefix: string;
  readonly encode: (value: T) => string;
  readonly decode: (text: string) => T;
  /** When the record is due, in milliseconds; it may only grow while the record is kept. */
  readonly end: (value: T) => number;
}

interface Entry {
  readonly key: string;
  at: number;
}

export class StoredMap<T> {
  readonly #kind: StoredKind<T>;
  readonly #map = new Map<string, T>();
  /** Keys that have a row, and keys whose row is not what the record is now. */
  readonly #stored = new Set<string>();
  readonly #changed = new Set<string>();
  /** Binary heap on `at`. An entry may be early or its record gone: it is mended when it is met. */
  #heap: Entry[] = [];
  /** Where `least` looks next; an iterator that is not used keeps old states of the map alive. */
  #hand: Iterator<string> | null = null;
  #sinceLeast = 0;

  constructor(kind: StoredKind<T>, saved: Iterable<readonly [key: string, value: string]>) {
    this.#kind = kind;
    for (const [row, text] of saved) {
      if (!row.startsWith(kind.prefix)) continue;
      const key = row.slice(kind.prefix.length);
      this.#stored.add(key);
      this.set(key, kind.decode(text));
      this.#changed.delete(key);
    }
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: string): T | undefined {
    return this.#map.get(key);
  }

  entries(): IterableIterator<[string, T]> {
    return this.#map.entries();
  }

  values(): IterableIterator<T> {
    return this.#map.values();
  }

  /** Keeps a record, or says that the one kept has changed. */
  set(key: string, value: T): void {
    const known = this.#map.has(key);
    this.#map.set(key, value);
    this.#changed.add(key);
    if (known) return;
    this.#push({ key, at: this.#kind.end(value) });
    if (++this.#sinceLeast > 100) this.#hand = null;
  }

  delete(key: string): void {
    if (!this.#map.delete(key)) return;
    if (this.#stored.has(key)) this.#changed.add(key);
    else this.#changed.delete(key);
    // Records may go long before they are due: their entries must not pile up.
    if (this.#heap.length > 2 * this.#map.size + 1000) this.#rebuild();
  }

  clear(): void {
    for (const key of this.#map.keys()) this.delete(key);
  }

  /** When the next record is due, Infinity if there is none. */
  next(): number {
    for (;;) {
      const head = this.#heap[0];
      if (head === undefined) return Infinity;
      const value = this.#map.get(head.key);
      const end = value === undefined ? Infinity : this.#kind.end(value);
      if (end <= head.at) return head.at;
      if (value === undefined) this.#pop();
      else {
        head.at = end;
        this.#down();
      }
    }
  }

  /** The record that is due next; only right after `next`. */
  head(): [key: string, value: T] {
    const { key } = this.#heap[0] as Entry;
    return [key, this.#map.get(key) as T];
  }

  /**
   * A record to give up when there are too many: of the few that were passed over longest, the one
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
      const value = this.#map.get(step.value) as T;
      if (found === undefined || worth(value) < worth(found[1])) found = [step.value, value];
      if (worth(found[1]) === 0) break;
    }
    return found;
  }

  /** The rows that changed since the last call; null where a row is to be deleted. */
  *changes(): Generator<readonly [key: string, value: string | null]> {
    for (const key of this.#changed) {
      const value = this.#map.get(key);
      if (value === undefined) this.#stored.delete(key);
      else this.#stored.add(key);
      yield [this.#kind.prefix + key, value === undefined ? null : this.#kind.encode(value)];
    }
    this.#changed.clear();
  }

  #rebuild(): void {
    const at = this.#kind.end;
    // A sorted array is a heap.
    this.#heap = Array.from(this.#map, ([key, value]) => ({ key, at: at(value) }));
    this.#heap.sort((a, b) => (before(a, b) ? -1 : 1));
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let i = heap.length;
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up] as Entry;
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

  /** Lets the head sink to its place. */
  #down(): void {
    const heap = this.#heap;
    const entry = heap[0] as Entry;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && before(right, left)) child++;
      const least = heap[child] as Entry;
      if (!before(least, entry)) break;
      heap[i] = least;
      i = child;
    }
    heap[i] = entry;
  }
}

/** Records due at the same time are due in the order of their keys, also after a restart. */
const before = (a: Entry, b: Entry) => a.at < b.at || (a.at === b.at && a.key < b.key);
