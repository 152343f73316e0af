/**
 * One watch of a directory, shared by all the logs in it. The kernel reports which name was written
 * to, created or removed, so that nothing else has to be looked at. Where there is no watch (none
 * left, a directory that may not be listed, a network file system), the source polls.
 */
import { watch, type FSWatcher } from 'node:fs';
import { lookAtDirectory } from './around.ts';

export const WATCHLESS =
  'cannot watch for changes, polling instead; if the watches have run out, raise fs.inotify.max_user_watches';

export interface DirectoryEvents {
  /** A name in it changed; null: any of them, or the directory itself. */
  changed(directory: string, name: string | null): void;
  /** It cannot be watched. */
  failed(directory: string, error: Error): void;
}

/** All directories that a source watches. */
export class Directories {
  readonly #events: DirectoryEvents;
  readonly #watched = new Map<string, { key: string; watcher: FSWatcher | null }>();

  constructor(events: DirectoryEvents) {
    this.#events = events;
  }

  get size(): number {
    return this.#watched.size;
  }

  /**
   * Watches a directory from now on. Watches again where another directory has its name now.
   * @param key which directory that is
   */
  watch(directory: string, { key } = lookAtDirectory(directory)): void {
    const known = this.#watched.get(directory);
    if (known !== undefined && known.key === key) return;
    known?.watcher?.close();
    this.#watched.set(directory, { key, watcher: key === '' ? null : this.#open(directory) });
  }

  /** Whether the kernel reports changes in it. */
  isWatched(directory: string): boolean {
    return this.#watched.get(directory)?.watcher != null;
  }

  unwatch(directory: string): void {
    this.#watched.get(directory)?.watcher?.close();
    this.#watched.delete(directory);
  }

  close(): void {
    for (const { watcher } of this.#watched.values()) watcher?.close();
    this.#watched.clear();
  }

  #open(directory: string): FSWatcher | null {
    try {
      const watcher = watch(directory, (_, name) => this.#events.changed(directory, name));
      watcher.on('error', (error) => {
        watcher.close();
        // Not tried again until the directory is another one.
        const known = this.#watched.get(directory);
        if (known?.watcher === watcher) known.watcher = null;
        this.#events.failed(directory, error);
      });
      return watcher;
    } catch (error) {
      // A directory that may not be listed cannot be watched either: its logs watch themselves.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#events.failed(directory, error as Error);
      return null;
    }
  }
}
