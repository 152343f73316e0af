/**
 * One agent for each queue. The kernel releases a lock when the process dies, however it dies, so
 * there is never a stale one to remove. There are two:
 *
 * - on the queue file itself, whatever its path and whatever was removed beside it: flock(2) by
 *   util-linux's flock, which locks a descriptor of ours and exits.
 * - on an empty file beside it, by SQLite: it keeps a second agent from using the path of a queue
 *   file that was removed while the first agent still writes to it.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeDirectory } from '../host/make-directory.ts';
import { codeOf, forbidden, isForbidden, QueueError, SQLITE } from './error.ts';
import { makeFile, mustBePlain } from './file.ts';
import { reasonOf, reasonWithPath } from '../text/reason.ts';

/** A lock that is held until it is released. */
export interface Lock {
  /** Call it only once the queue is closed: SQLite's own locks on the file end too. */
  release(): void;
}

/**
 * Takes the locks of a queue, and creates its directory and its file if there are none.
 * @throws QueueError if another agent holds one, or if it cannot be created
 */
export function lockQueue(queuePath: string): Lock {
  makeDirectoryOf(queuePath);
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
    if (isForbidden(queuePath, 'change')) throw forbidden(queuePath, 'change', error);
    const why = reasonWithPath(error, path);
    throw new QueueError(
      `cannot create ${path} (beside queue.path): ${why}; may this user write to the directory?`,
      { cause: error },
    );
  }
}

function makeDirectoryOf(queuePath: string): void {
  const directory = dirname(queuePath);
  try {
    makeDirectory(directory, 0o750);
  } catch (error) {
    throw new QueueError(
      `cannot create the directory ${directory} for the queue: ${reasonOf(error)}; create it for the agent's user, or name another queue.path`,
      { cause: error },
    );
  }
}

/** Locks the queue file itself. Returns the descriptor that holds the lock while it is open. */
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
 * Whether an agent is running with this queue. A process that has the file open must not call this:
 * SQLite's locks end when any descriptor of the file is closed.
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

/** Tries to lock a descriptor; whether that succeeded. */
function flock(file: number, how: '--exclusive' | '--shared'): boolean {
  const stdio = ['ignore' as const, 'ignore' as const, 'pipe' as const, file];
  const { status, error, stderr } = spawnSync('flock', [how, '--nonblock', '3'], {
    stdio,
    encoding: 'utf8',
  });
  if (status === 0) return true;
  if (status === 1) return false;
  throw new QueueError(
    `cannot lock the queue file: ${error === undefined ? stderr.trim() : reasonOf(error)}; is util-linux, which has flock, installed?`,
    { cause: error },
  );
}

function lockPath(queuePath: string): string {
  return `${queuePath}.lock`;
}
