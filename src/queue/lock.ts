/**
 * One agent a queue. The kernel lets a lock go when the process dies, however it dies, so that there
 * is never a stale one to remove. There are two:
 *
 * - on the queue file itself, whatever its path is called and whatever was removed beside it:
 *   flock(2) by util-linux's flock, which locks a descriptor of ours and ends.
 * - on an empty file beside it, by SQLite: it keeps a second agent away from the place of a queue
 *   file that was removed while the first one still writes to it.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { codeOf, QueueError, SQLITE } from './error.ts';
import { makeFile, mustBePlain } from './file.ts';

/** A lock that is held until it is let go. */
export interface Lock {
  /** Only once the queue is closed: SQLite's own locks on the file end too. */
  release(): void;
}

/**
 * Takes the locks of a queue, and makes its file where there is none.
 * @throws QueueError where another agent holds one, or where it cannot be made
 */
export function lockQueue(queuePath: string): Lock {
  const path = lockPath(queuePath);
  let db: DatabaseSync | undefined;
  try {
    makeFile(path);
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    const held = db;
    const file = lockFile(queuePath);
    return {
      release: () => {
        closeSync(file);
        held.close();
      },
    };
  } catch (error) {
    db?.close();
    if (error instanceof QueueError) throw error;
    if (codeOf(error) === SQLITE.busy) throw taken(queuePath);
    const why = (error as Error).message;
    throw new QueueError(
      `cannot make ${path} (beside queue.path): ${why}; may this user write the directory?`,
      { cause: error },
    );
  }
}

/** Locks the queue file itself. Gives the descriptor that holds the lock as long as it is open. */
function lockFile(queuePath: string): number {
  makeFile(queuePath);
  const file = openFor(constants.O_RDWR, queuePath);
  try {
    if (!flock(file, '--exclusive')) throw taken(queuePath);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function taken(queuePath: string): QueueError {
  return new QueueError(
    `another denywatch is running with the queue ${queuePath}: stop it, or give this one a queue.path of its own`,
  );
}

/**
 * Whether an agent is running with this queue. Not to be asked by a process that has the file open:
 * SQLite's locks end when any descriptor of it is closed.
 */
export function isLocked(queuePath: string): boolean {
  try {
    mustBePlain(queuePath);
    const file = openFor(constants.O_RDONLY, queuePath);
    try {
      return !flock(file, '--shared');
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}

function openFor(access: number, path: string): number {
  return openSync(path, access | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

/** Whether a descriptor could be locked. */
function flock(file: number, how: '--exclusive' | '--shared'): boolean {
  const stdio = ['ignore' as const, 'ignore' as const, 'pipe' as const, file];
  const { status, error, stderr } = spawnSync('flock', [how, '--nonblock', '3'], {
    stdio,
    encoding: 'utf8',
  });
  if (status === 0) return true;
  if (status === 1) return false;
  throw new QueueError(
    `cannot lock the queue file: ${error?.message ?? stderr.trim()}; is util-linux, which has flock, installed?`,
    { cause: error },
  );
}

function lockPath(queuePath: string): string {
  return `${queuePath}.lock`;
}
