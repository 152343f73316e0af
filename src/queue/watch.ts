/** Notices changes of the queue file, and which ones other processes (send, denied) made. */
import { statSync, watch, type FSWatcher } from 'node:fs';
import type { Logger } from 'pino';
import type { Queue } from './queue.ts';
import { makeSpool, spoolOf } from './spool.ts';

/**
 * The kernel reports a write at once, but it counts only when it is on the disk and SQLite has
 * noted that in shared memory, where the kernel reports nothing. So after a write the queue is
 * checked again after this time, ms, and then each time after twice as long.
 */
const AGAIN = 5;
/** Longest time that a disk takes, ms. */
const LONGEST = 60_000;
/** How often to check if the kernel reports nothing, ms. */
const POLL = 10_000;

/**
 * Calls back on every change of the queue until it is closed. The kernel reports each write to the
 * write-ahead log, and each file in the spool; SQLite's data_version shows whether a write was ours
 * or another process's.
 */
export class QueueWatch {
  readonly #queue: Queue;
  readonly #onChange: (byOthers: boolean) => void;
  readonly #log: Logger;
  readonly #changedByOthers: () => boolean;
  readonly #isThere: () => boolean;
  #isGone = false;
  #watchers: FSWatcher[] = [];
  #again: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;
  /** A transaction is many writes, which the kernel reports one by one. */
  #soon: NodeJS.Immediate | undefined;

  constructor(queue: Queue, onChange: (byOthers: boolean) => void, log: Logger) {
    this.#queue = queue;
    this.#onChange = onChange;
    this.#log = log;
    this.#changedByOthers = queue.changedByOthers();
    this.#isThere = sameFileAt(queue.path);
    this.#watch();
    this.#lookAgain(AGAIN);
  }

  close(): void {
    this.#unwatch();
    clearInterval(this.#poll);
    clearImmediate(this.#soon);
    clearTimeout(this.#again);
  }

  #watch(): void {
    const { path } = this.#queue;
    try {
      const written = (event: string) => {
        this.#soon ??= setImmediate(() => this.#look());
        // The log is another file after the queue was reopened.
        if (event === 'rename') this.#watchAgain();
      };
      this.#add(watch(`${path}-wal`, written));
      makeSpool(path);
      this.#add(watch(spoolOf(path), () => this.#onChange(true)));
    } catch (error) {
      this.#unwatched(error); // The kernel limits the watches of a user.
    }
  }

  #add(watcher: FSWatcher): void {
    this.#watchers.push(watcher.on('error', (error) => this.#unwatched(error)));
  }

  #unwatch(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }

  #watchAgain(): void {
    this.#unwatch();
    this.#watch();
    // What happened in between was not reported.
    this.#onChange(true);
  }

  #unwatched(err: unknown): void {
    const seconds = POLL / 1000;
    if (this.#poll !== undefined) return;
    this.#log.warn(
      { err },
      `cannot watch the queue file: it is checked for changes by other processes every ${seconds} s`,
    );
    this.#poll = setInterval(() => this.#onChange(true), POLL).unref();
  }

  #look(): void {
    this.#soon = undefined;
    this.#onChange(this.#changedByOthers());
    this.#lookAgain(AGAIN);
    if (this.#isGone || this.#isThere()) return;
    this.#isGone = true;
    this.#log.error(
      `the queue file ${this.#queue.path} was removed or replaced: what is stored from now on is lost ` +
        'when this process ends; restart it',
    );
  }

  #lookAgain(after: number): void {
    clearTimeout(this.#again);
    if (after > LONGEST) return;
    this.#again = setTimeout(() => {
      if (this.#changedByOthers()) this.#onChange(true);
      this.#lookAgain(2 * after);
    }, after).unref();
  }
}

/** Returns a function that says whether the path still leads to the file that is there now. */
function sameFileAt(path: string): () => boolean {
  const now = () => statSync(path, { throwIfNoEntry: false })?.ino;
  const then = now();
  return () => {
    try {
      return now() === then;
    } catch {
      return true; // That is not known now.
    }
  };
}
