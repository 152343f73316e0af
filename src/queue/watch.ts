/** Noticing changes of the queue file, and those that other processes (send, denied) made. */
import { watch } from 'node:fs';
import type { Queue } from './queue.ts';

/**
 * Calls back on every change of the queue. The kernel tells of each write to the write-ahead log;
 * SQLite's data_version tells whether it was ours or another process's.
 * @returns a function that ends it
 */
export function watchQueue(queue: Queue, onChange: (byOthers: boolean) => void): () => void {
  const changedByOthers = queue.changedByOthers();
  const watcher = watch(`${queue.path}-wal`, () => onChange(changedByOthers()));
  return () => watcher.close();
}
