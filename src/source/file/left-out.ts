/**
 * Files that a pattern leads to and that are not logs of their own, as they were when that was
 * decided. Nothing is kept of files that are gone: dated names never come again.
 */
import { dirname } from 'node:path';
import type { LeftOut } from './members.ts';
import type { Stamp } from './position.ts';

export class LeftOutFiles {
  readonly #directories = new Map<string, Map<string, Stamp | null>>();

  /** How many are known. */
  get size(): number {
    return this.#directories.values().reduce((sum, { size }) => sum + size, 0);
  }

  /** Undefined where the file is not one of them; null where it could not be looked at. */
  get(path: string): Stamp | null | undefined {
    return this.#directories.get(dirname(path))?.get(path);
  }

  set(path: string, stamp: Stamp | null): void {
    const directory = dirname(path);
    const files = this.#directories.get(directory) ?? new Map<string, Stamp | null>();
    this.#directories.set(directory, files.set(path, stamp));
  }

  delete(path: string): void {
    const directory = dirname(path);
    const files = this.#directories.get(directory);
    files?.delete(path);
    if (files?.size === 0) this.#directories.delete(directory);
  }

  /** A directory was listed: only these of its files are still there. */
  keep(directory: string, present: readonly LeftOut[]): void {
    const paths = new Set(present.map(({ path }) => path));
    for (const path of this.#directories.get(directory)?.keys() ?? [])
      if (!paths.has(path)) this.delete(path);
  }
}
