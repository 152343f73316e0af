/** Noticing changes of the queue file, and those that other processes (send, denied) made. */
import { statSync, watch, type FSWatcher } from 'node:fs';
import type { Logger } from 'pino';
import type { Queue } from './queue.ts';

/**
 * The kernel tells of a write when it is made; it counts only when the disk has it and SQLite has
 * said so in memory that is shared, of which the kernel tells nothing. So after a write the queue
 * is looked at again after this time, ms, and then each time after twice as long.
 */
const AGAIN = 5;
/** No disk takes longer than this, ms. */
const LONGEST = 60_000;
/** How often to look where the kernel tells nothing, ms. */
const POLL = 10_000;

/**
 * Calls back on every change of the queue. The kernel tells of each write to the write-ahead log;
 * SQLite's data_version tells whether it was ours or another process's.
 * @returns a function that ends it
 */
export function watchQueue(
  queue: Queue,
  onChange: (byOthers: boolean) => void,
  log: Logger,
): () => void {
  const changedByOthers = queue.changedByOthers();
  const isThere = sameFileAt(queue.path);
  let gone = false;
  let timer: NodeJS.Timeout | undefined;
  let poll: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  const lookAgain = (after: number) => {
    clearTimeout(timer);
    if (after > LONGEST) return;
    timer = setTimeout(() => {
      if (changedByOthers()) onChange(true);
      lookAgain(2 * after);
    }, after).unref();
  };
  const unwatched = (err: unknown) => {
    const seconds = POLL / 1000;
    log.warn(
      { err },
      `cannot watch the queue file: what others put in it is seen each ${seconds} s`,
    );
    poll = setInterval(() => onChange(changedByOthers()), POLL).unref();
  };
  // A transaction is many writes, of which the kernel tells one by one.
  let soon: NodeJS.Immediate | undefined;
  const look = () => {
    soon = undefined;
    onChange(changedByOthers());
    lookAgain(AGAIN);
    if (gone || isThere()) return;
    gone = true;
    log.error(
      `the queue file ${queue.path} was removed or replaced: what is stored from now on is gone ` +
        'with this process; restart it',
    );
  };
  try {
    const written = () => (soon ??= setImmediate(look));
    watcher = watch(`${queue.path}-wal`, written).on('error', unwatched);
  } catch (error) {
    unwatched(error); // The kernel gives a user so many watches only.
  }
  lookAgain(AGAIN);
  return () => {
    watcher?.close();
    clearInterval(poll);
    clearImmediate(soon);
    clearTimeout(timer);
  };
}

/** Gives the question whether the file that is at the path now is there still. */
function sameFileAt(path: string): () => boolean {
  const now = () => statSync(path, { throwIfNoEntry: false })?.ino;
  const then = now();
  return () => now() === then;
}
