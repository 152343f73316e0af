/** Which log has read a file, by the file's inode number: a hint, because numbers are used again. */
import type { Identity } from './position.ts';

/**
 * Of how many logs that are gone the files are still known. They may have been renamed to the path
 * of another log.
 */
const GONE = 10_000;

export class Inodes {
  readonly #logs = new Map<string, string>();
  readonly #files = new Map<string, readonly string[]>();
  /** Logs that are gone, the oldest first. */
  readonly #gone = new Set<string>();

  get size(): number {
    return this.#logs.size;
  }

  /** The log that has read the file with this number last. */
  logOf(ino: string): string | undefined {
    return this.#logs.get(ino);
  }

  /** A log has read these files, and remembers no others. */
  note(log: string, files: readonly Pick<Identity, 'ino'>[]): void {
    this.#gone.delete(log);
    const before = this.#files.get(log) ?? [];
    const isKnown = (ino: string, n: number) => ino === before[n] && this.#logs.get(ino) === log;
    if (files.length === before.length && files.every(({ ino }, n) => isKnown(ino, n))) return;
    this.#forget(log);
    const inos = files.map(({ ino }) => ino);
    this.#files.set(log, inos);
    for (const ino of inos) this.#logs.set(ino, log);
  }

  /** The file at a log's path is gone. */
  gone(log: string): void {
    if (this.#files.has(log)) this.#gone.add(log);
    const [oldest] = this.#gone;
    if (this.#gone.size <= GONE) return;
    this.#gone.delete(oldest!);
    this.#forget(oldest!);
  }

  #forget(log: string): void {
    for (const ino of this.#files.get(log) ?? [])
      if (this.#logs.get(ino) === log) this.#logs.delete(ino);
    this.#files.delete(log);
  }
}
