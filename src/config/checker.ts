/**
 * Reads values out of a YAML document and finds every mistake in one pass, each with its key and
 * line. A reader that finds a mistake records it and returns a fallback: the result is used only if
 * nothing was recorded.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Alias,
  type Document,
  type LineCounter,
  type Node,
  type YAMLMap,
} from 'yaml';
import { guessAt, nearest } from './nearest.ts';
import { duration, size } from './units.ts';

/** One mistake: where it is, and what to do about it. */
export interface Problem {
  /** `monitors.0.encryption`; empty for the document itself. */
  readonly key: string;
  /** Counted from 1; null if the mistake is on no particular line. */
  readonly line: number | null;
  readonly message: string;
}

/** A value in the document and the path to it. */
export interface Value {
  readonly key: string;
  readonly node: Node | null;
  /** Line of the value, or of the nearest node around it. */
  readonly line: number | null;
}

/** An entry of a map. */
interface Pair {
  readonly name: string;
  /** Without the colon after it. */
  readonly bare: boolean;
  /** The key itself. */
  readonly where: Value;
  readonly value: Value;
}

type Fields = ReadonlyMap<string, Value>;

/** How a text with a unit is read; null if it is not one. */
interface Measure {
  readonly read: (text: string) => number | null;
  readonly example: string;
}

/** What other programs, and YAML before 1.2, take for `false`. */
const OFF = /^(?:no|n|off|none|never|disabled?)$/i;

export class Checker {
  readonly problems: Problem[] = [];
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  root(): Value {
    return this.#value('', this.#document.contents, null);
  }

  problem(at: Value, message: string): void {
    this.problems.push({ key: at.key, line: at.line, message });
  }

  /** Reports a name that two items of a list have. */
  distinct(at: Value, names: readonly string[], what: string): void {
    const twice = names.find((one, i) => names.indexOf(one) !== i);
    if (twice !== undefined) this.problem(at, `the ${what} ${twice} is given twice`);
  }

  /** The entries of a map. Reports each key outside `known`, with a guess at what was meant. */
  fields(at: Value, known: readonly string[]): Fields {
    const found = new Map<string, Value>();
    if (at.node === null) return found;
    if (!isMap(at.node)) {
      this.problem(at, `must be a map with ${list(known)}, not ${kind(at.node)}`);
      return found;
    }
    for (const { name, bare, where, value } of this.#pairs(at, at.node)) {
      if (known.includes(name)) {
        found.set(name, value);
        continue;
      }
      if (bare) {
        // Probably the rest of a text that has a comma in it. Not shown: it may be a password.
        this.problem(
          { ...where, key: at.key },
          'has a key without a value: put text that contains a comma in quotes',
        );
        continue;
      }
      const guess = nearest(name, known);
      const hint = guess === null ? `known here: ${known.join(', ')}` : `did you mean '${guess}'?`;
      this.problem(where, `unknown key; ${hint}`);
    }
    return found;
  }

  /** The one of these keys that a misspelt key of a map was meant to be; undefined without one. */
  meant(at: Value, keys: readonly string[]): string | undefined {
    if (!isMap(at.node)) return undefined;
    const names = at.node.items.map(({ key }) => String(isScalar(key) ? key.value : key));
    return names.flatMap((name) => nearest(name, keys) ?? [])[0];
  }

  /**
   * Whether an entry is a text and no map, which is reported.
   * @param keys those of which it must have one
   * @param written how the text is written as an entry
   */
  isText(at: Value, keys: readonly string[], written: (text: string) => string): boolean {
    const text = this.#scalar(at);
    if (typeof text !== 'string') return false;
    const glued = keys.find((key) => text.startsWith(`${key}:`));
    const entry =
      glued === undefined
        ? written(text)
        : `${glued}: ${text.slice(glued.length + 1)}, with a blank after the colon`;
    this.problem(at, `must be a map: write ${entry}`);
    return true;
  }

  /** The entries of a map with any keys. */
  entries<T>(at: Value, read: (value: Value) => T): Map<string, T> {
    const found = new Map<string, T>();
    if (at.node === null) return found;
    if (!isMap(at.node)) {
      this.problem(at, `must be a map, not ${kind(at.node)}`);
      return found;
    }
    for (const { name, value } of this.#pairs(at, at.node)) found.set(name, read(value));
    return found;
  }

  /** The items of a list; a single value counts as a list of one. */
  items(at: Value): Value[] {
    if (at.node === null) return [];
    if (!isSeq(at.node)) return [at];
    return at.node.items.map((item, i) => this.#value(`${at.key}.${i}`, item as Node, at.line));
  }

  /** A text that is not empty and has no control characters. */
  text(at: Value, longest = 4096): string {
    const value = this.#scalar(at);
    // YAML reads 5667 or 1e3 as a number: use what the administrator wrote.
    const text = typeof value === 'string' ? value : isScalar(at.node) ? at.node.source : undefined;
    if (text === undefined || text === '') {
      this.problem(at, `must be text, not ${kind(at.node)}`);
      return '';
    }
    // oxlint-disable-next-line no-control-regex
    if (/[\u0000-\u001f\u007f]/.test(text))
      this.problem(at, 'must not contain control characters: remove them');
    if (Buffer.byteLength(text) > longest)
      this.problem(at, `must not be longer than ${longest} bytes`);
    return text;
  }

  whole(at: Value, least: number, most: number): number {
    const value = this.#scalar(at);
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
      return value;
    }
    this.problem(at, `must be a whole number from ${least} to ${most}, not ${shown(at)}`);
    return least;
  }

  /** Milliseconds; `least` and `most` are given as an administrator would write them. */
  duration(at: Value, least: string, most: string): number {
    const read = { read: duration, example: 'a duration such as 90s, 5m or 1h' };
    return this.#measure(at, read, least, most);
  }

  /** Bytes. */
  size(at: Value, least: string, most: string): number {
    const read = { read: size, example: 'a size such as 512KiB or 64MiB' };
    return this.#measure(at, read, least, most);
  }

  choice<T>(at: Value, choices: Readonly<Record<string, T>>): T | undefined {
    const word = String(this.#scalar(at)).toLowerCase();
    if (Object.hasOwn(choices, word)) return choices[word];
    const words = Object.keys(choices);
    const hint = guessAt(word, words);
    this.problem(at, `must be one of ${words.join(', ')}, not ${shown(at)}${hint}`);
    return undefined;
  }

  /** Whether a feature is turned off with `false`. */
  isOff(at: Value): boolean {
    const value = this.#scalar(at);
    if (!OFF.test(String(value))) return value === false;
    this.problem(at, `write false to turn it off, not ${shown(at)}`);
    return true;
  }

  #measure(at: Value, { read, example }: Measure, least: string, most: string): number {
    const value = read(String(this.#scalar(at)));
    const [low, high] = [read(least) ?? 0, read(most) ?? Infinity];
    if (value !== null && value >= low && value <= high) return value;
    this.problem(at, `must be ${example}, from ${least} to ${most}, not ${shown(at)}`);
    return low;
  }

  /** The entries of a map. Reports keys that are given twice (the library's check is quadratic). */
  *#pairs(at: Value, map: YAMLMap): Generator<Pair> {
    const names = new Set<string>();
    for (const pair of map.items) {
      const name = String(isScalar(pair.key) ? pair.key.value : pair.key);
      const key = at.key === '' ? name : `${at.key}.${name}`;
      const line = this.#lineOf(pair.key as Node) ?? at.line;
      const where = { key, node: null, line };
      if (names.has(name)) this.problem(where, 'is given twice');
      names.add(name);
      const value = this.#value(key, pair.value as Node | null, line);
      yield { name, bare: pair.value === null, where, value };
    }
  }

  #scalar(at: Value): unknown {
    return isScalar(at.node) ? at.node.value : undefined;
  }

  #value(key: string, node: Node | null, line: number | null): Value {
    const resolved = isAlias(node) ? this.#anchored(node, key, line) : node;
    const empty = isScalar(resolved) && resolved.value === null;
    return { key, node: empty ? null : resolved, line: this.#lineOf(resolved) ?? line };
  }

  #anchored(alias: Alias, key: string, line: number | null): Node | null {
    const node = alias.resolve(this.#document);
    if (node !== undefined) return node;
    this.problem(
      { key, node: null, line: this.#lineOf(alias) ?? line },
      // Its text is not shown: it may be a password.
      'is an alias without an anchor: put text that begins with * in quotes',
    );
    return null;
  }

  #lineOf(node: Node | null): number | null {
    return node?.range ? this.#lines.linePos(node.range[0]).line : null;
  }
}

function kind(node: Node | null): string {
  if (node === null) return 'nothing';
  return isMap(node) ? 'a map' : isSeq(node) ? 'a list' : `'${String(node)}'`;
}

function shown(at: Value): string {
  return kind(at.node);
}

function list(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ');
}
