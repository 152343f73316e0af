/** The keys of one map, each read together with its default. */
import type { Checker, Value } from './checker.ts';
import { duration, size } from './units.ts';

export class Section {
  readonly checker: Checker;
  readonly #fields: ReadonlyMap<string, Value>;

  /** @param at the map; undefined if the configuration has none, so that all defaults apply */
  constructor(checker: Checker, at: Value | undefined, known: readonly string[]) {
    this.checker = checker;
    this.#fields = at === undefined ? new Map() : checker.fields(at, known);
  }

  /** Whether the map has any known key. */
  get isEmpty(): boolean {
    return this.#fields.size === 0;
  }

  has(key: string): boolean {
    return this.#fields.has(key);
  }

  get(key: string): Value | undefined {
    return this.#fields.get(key);
  }

  /** The key's value as `read` returns it, or the default. */
  read<T, Otherwise>(key: string, read: (at: Value) => T, otherwise: Otherwise): T | Otherwise {
    const at = this.#fields.get(key);
    return at === undefined ? otherwise : read(at);
  }

  /** The same for a key that `false` turns off: the value is null then. */
  readUnlessOff<T, Otherwise>(
    key: string,
    read: (at: Value) => T,
    otherwise: Otherwise,
  ): T | Otherwise | null {
    return this.read(key, (at) => (this.checker.isOff(at) ? null : read(at)), otherwise);
  }

  whole(key: string, otherwise: number, least: number, most: number): number {
    return this.read(key, (at) => this.checker.whole(at, least, most), otherwise);
  }

  /** Milliseconds. Default and bounds are given as an administrator would write them. */
  duration(key: string, otherwise: string, least: string, most: string): number {
    return this.read(key, (at) => this.checker.duration(at, least, most), duration(otherwise) ?? 0);
  }

  /** The same in bytes. */
  size(key: string, otherwise: string, least: string, most: string): number {
    return this.read(key, (at) => this.checker.size(at, least, most), size(otherwise) ?? 0);
  }

  choice<T>(key: string, choices: Readonly<Record<string, T>>, otherwise: NoInfer<T>): T {
    return this.read(key, (at) => this.checker.choice(at, choices) ?? otherwise, otherwise);
  }

  /** The items of a list; a single value counts as a list of one. */
  list<T>(key: string, read: (item: Value) => T): T[] {
    return this.read(key, (at) => this.checker.items(at).map(read), []);
  }
}
