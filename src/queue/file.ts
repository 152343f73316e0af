/** Creates and opens the queue file. */
import { closeSync, existsSync, fchownSync, lstatSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DatabaseSync, type DatabaseSyncOptions } from 'node:sqlite';
import { ownerOf } from '../host/owner.ts';
import { OldQueueError, QueueError, unusable } from './error.ts';
import { isCurrent, migrate, mustBeOurs } from './schema.ts';

/** SQLite's name for a database in memory. */
export const NO_FILE = ':memory:';

/** How long a statement waits for that of another process, ms. */
const PATIENCE = 5000;

/** Protects against malicious files: https://sqlite.org/security.html */
const CAREFUL = 'PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0';

/**
 * Opens the queue file, and creates it if there is none. Any number of processes may have it open.
 * @param patience how long a statement waits for that of another process, ms
 * @throws QueueError
 */
export function openFile(path: string, patience = PATIENCE): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    if (path !== NO_FILE) {
      makeFile(path);
      look(path);
    }
    db = new DatabaseSync(path, { timeout: patience });
    // auto_vacuum is fixed by the first table, so it must come first.
    db.exec(
      `${CAREFUL}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`,
    );
    migrate(db);
    return db;
  } catch (error) {
    db?.close();
    throw unusable(path, 'change', error);
  }
}

/** A file opened read-only. */
export interface Reading {
  readonly db: DatabaseSync;
  /** Whether the file has not changed since it was read, so that what was read is valid. */
  readonly isSound: () => boolean;
}

/**
 * Opens an existing queue file read-only.
 * @throws QueueError
 */
export function openForReading(path: string): Reading {
  let reading: Reading | undefined;
  try {
    mustBePlain(path);
    reading = openReadOnly(path);
    mustBeOurs(reading.db, path);
    if (isCurrent(reading.db)) return reading;
    throw new OldQueueError(
      `the queue ${path} is of an older denywatch: start the agent of this version once to update it`,
    );
  } catch (error) {
    reading?.db.close();
    throw unusable(path, 'read', error);
  }
}

/**
 * A user who may not write to the directory cannot create the files that SQLite needs beside a
 * database that no process has open, and nobody can if the disk is full. It is then read as an
 * immutable file, as long as that holds.
 */
function openReadOnly(path: string): Reading {
  const options: DatabaseSyncOptions = { readOnly: true, timeout: PATIENCE };
  const log = `${path}-wal`;
  const alone = isEmpty(log);
  const db = new DatabaseSync(path, options);
  try {
    db.exec(CAREFUL);
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return { db, isSound: () => true };
  } catch (error) {
    db.close();
    if (!alone) throw error;
  }
  const url = pathToFileURL(path);
  url.search = '?immutable=1';
  const before = statSync(path).mtimeMs;
  const still = new DatabaseSync(url, options);
  still.exec(CAREFUL);
  return { db: still, isSound: () => isEmpty(log) && statSync(path).mtimeMs === before };
}

function isEmpty(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

/**
 * Checks what a file is before changing anything in it, except that SQLite rolls back a change that
 * was interrupted while the file was created.
 */
function look(path: string): void {
  const readOnly = !existsSync(`${path}-journal`);
  const db = new DatabaseSync(path, { readOnly, timeout: PATIENCE });
  try {
    db.exec(CAREFUL);
    mustBeOurs(db, path);
  } finally {
    db.close();
  }
}

/**
 * Creates an empty file if there is none. If root creates it, it gets the owner of its directory:
 * `denywatch send` in a script of root must not lock out the agent, which is started later as
 * another user. SQLite gives the files beside it the same owner.
 * @throws QueueError if an existing file is not ours, or the error of the file system
 */
export function makeFile(path: string): void {
  try {
    // Never through a link: an existing file is checked below.
    const file = openSync(path, 'wx', 0o640);
    if (process.geteuid?.() === 0) {
      const { uid, gid } = ownerOf(path);
      fchownSync(file, uid, gid);
    }
    closeSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  mustBePlain(path);
}

/**
 * Makes sure that a path is a plain file that nobody else could have put there: not a symbolic
 * link, without other hard links, and owned by the user who runs this or who owns the directory.
 * @throws QueueError, or the error of the file system
 */
export function mustBePlain(path: string): void {
  const stats = lstatSync(path);
  const why = stats.isSymbolicLink()
    ? 'is a symbolic link: name the file itself in queue.path'
    : !stats.isFile()
      ? 'is not a file: name another queue.path'
      : stats.nlink > 1
        ? `is one file with ${stats.nlink} names, each of which would have its own write-ahead log: remove the other names, or name another queue.path`
        : isForeign(path, stats.uid)
          ? `belongs to uid ${stats.uid}, which is neither the user who runs this nor the owner of ${dirname(path)}: find out who put it there`
          : null;
  if (why !== null) throw new QueueError(`${path} ${why}`);
}

function isForeign(path: string, uid: number): boolean {
  return uid !== process.geteuid?.() && uid !== ownerOf(path).uid;
}
