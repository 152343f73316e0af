/** Noticing what other processes (the verbs send and denied) put in the queue file. */
import { watch } from 'node:fs';
import type { Queue } from './queue.ts';

/**
 * Calls back when another process has changed the queue. The kernel tells of every write to the
 * write-ahead log, our own too; SQLite's data_version tells whose it was.
 * @returns a function that ends it
 */
export function watchQueue(queue: Queue, onChange: () => void): () => void {
  const changed = queue.changedByOthers();
  const watcher = watch(`${queue.path}-wal`, () => {
    if (changed()) onChange();
  });
  return () => watcher.close();
}
