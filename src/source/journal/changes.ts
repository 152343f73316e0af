/** Notices that the files of a journal have changed. */
import { readdirSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import type { JournalSettings } from './config.ts';

/** Where journald and systemd-journal-remote write, each journal in a directory of its own. */
const ROOTS = ['/run/log/journal', '/var/log/journal'];

/** When a change counts. */
export interface Settling {
  /** How long nothing must have changed after it, ms. */
  readonly quiet: number;
  /** Not before this time of performance.now. */
  readonly earliest: number;
}

/**
 * A watch of a journal's files. After an entry journald truncates its file to the size that it has, so
 * that the kernel reports it, at most four times a second (journal_file_post_change() in systemd). What
 * cannot be watched is left out.
 */
export class JournalChanges {
  readonly #watchers: FSWatcher[] = [];
  readonly #settled = new AbortController();
  readonly #settling: Settling;
  #timer: NodeJS.Timeout | undefined;

  /** Begins to watch. */
  constructor({ directory }: Pick<JournalSettings, 'directory'>, settling: Settling) {
    this.#settling = settling;
    for (const root of directory === null ? ROOTS : [directory])
      for (const path of [root, ...directoriesIn(root)]) this.#watch(path);
  }

  /** Aborts once something has changed, and then nothing for a while. */
  get settled(): AbortSignal {
    return this.#settled.signal;
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.splice(0)) watcher.close();
  }

  #watch(path: string): void {
    try {
      const watcher = watch(path, () => this.#changed());
      this.#watchers.push(watcher.on('error', () => watcher.close()));
    } catch {
      // It is not there, it may not be read, or no watches are left.
    }
  }

  #changed(): void {
    const { quiet, earliest } = this.#settling;
    clearTimeout(this.#timer);
    const wait = Math.max(quiet, earliest - performance.now());
    this.#timer = setTimeout(() => this.#settled.abort(), wait);
  }
}

function directoriesIn(path: string): string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.filter((one) => one.isDirectory()).map(({ name }) => join(path, name));
  } catch {
    return [];
  }
}
