/**
 * The names in a directory, listed once for all its logs while it does not change: thousands of
 * logs may be in one.
 */
import { readdirSync } from 'node:fs';
import { changesIn } from './around.ts';

/** How many listings are kept. */
const KEPT = 8;

interface Kept {
  /** The state of the directory before it was listed. */
  readonly state: string;
  readonly names: readonly string[];
}

export class DirectoryNames {
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();

  /** @param now ms since 1970 */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * All names, in the order of their UTF-16 code units; none where the directory may be searched but
   * not listed.
   * @throws the system's error
   */
  in(directory: string): readonly string[] {
    const state = changesIn(directory, this.#now());
    const kept = this.#kept.get(directory);
    const names = kept?.state === state ? kept.names : list(directory);
    this.#kept.delete(directory);
    this.#kept.set(directory, { state, names }); // Behind those that were used less recently.
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT) this.#kept.delete(oldest!);
    return names;
  }

  /** Those of them that begin with a text. */
  *beginning(directory: string, start: string): Generator<string> {
    const names = this.in(directory);
    for (let at = firstFrom(names, start); at < names.length; at++) {
      const name = names[at]!;
      if (!name.startsWith(start)) return;
      yield name;
    }
  }
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return [];
    throw error;
  }
}

/** The index of the first name that is not before a text. */
function firstFrom(names: readonly string[], text: string): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (names[middle]! < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Shared by all logs of the process. */
export const directoryNames = new DirectoryNames();
