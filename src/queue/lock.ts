/**
 * One agent a queue. The lock is SQLite's own, on an empty file beside the queue: the kernel lets it
 * go when the process dies, however it dies, so that there is never a stale one to remove.
 */
import { DatabaseSync } from 'node:sqlite';
import { QueueError } from './file.ts';
import { makeForOwner } from './owner.ts';

const SQLITE_BUSY = 5;

/** A lock that is held until it is let go. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock of a queue.
 * @throws QueueError where another agent holds it, or where it cannot be made
 */
export function lockQueue(queuePath: string): Lock {
  const path = lockPath(queuePath);
  let db: DatabaseSync | undefined;
  try {
    makeForOwner(path);
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    const held = db;
    return { release: () => held.close() };
  } catch (error) {
    db?.close();
    if (isBusy(error)) {
      throw new QueueError(
        `another denywatch is running with the queue ${queuePath}: stop it, or give this one a queue.path of its own`,
        { cause: error },
      );
    }
    const why = (error as Error).message;
    throw new QueueError(
      `cannot make ${path} (beside queue.path): ${why}; may this user write the directory?`,
      { cause: error },
    );
  }
}

/** Whether an agent is running with this queue. */
export function isLocked(queuePath: string): boolean {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(lockPath(queuePath), { readOnly: true, timeout: 0 });
    db.prepare('SELECT 1 FROM sqlite_master').all();
    return false;
  } catch (error) {
    return isBusy(error);
  } finally {
    db?.close();
  }
}

function lockPath(queuePath: string): string {
  return `${queuePath}.lock`;
}

function isBusy(error: unknown): boolean {
  return (error as { errcode?: number }).errcode === SQLITE_BUSY;
}
