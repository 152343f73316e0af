/** The queue file: making and opening it. */
import { closeSync, existsSync, fchownSync, lstatSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DatabaseSync, type DatabaseSyncOptions } from 'node:sqlite';
import { ownerOf } from '../host/owner.ts';
import { QueueError, unusable } from './error.ts';
import { isCurrent, migrate, mustBeOurs } from './schema.ts';

/** What SQLite takes for a database in memory. */
export const NO_FILE = ':memory:';

/** How long a statement waits for another process's, ms. */
const PATIENCE = 5000;

/** Against a file that somebody made to do harm: https://sqlite.org/security.html */
const CAREFUL = 'PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0';

/**
 * Opens the queue file, and makes it where there is none. Any number of processes may have it open.
 * @param patience how long a statement waits for another process's, ms
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
    // auto_vacuum is settled by the first table, so it comes before all else.
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

/** A file that is opened for reading only. */
export interface Reading {
  readonly db: DatabaseSync;
  /** Whether what was read is still what the file holds, so that it may be believed. */
  readonly isSound: () => boolean;
}

/**
 * Opens a queue file that is there, for reading only.
 * @throws QueueError
 */
export function openForReading(path: string): Reading {
  let reading: Reading | undefined;
  try {
    mustBePlain(path);
    reading = openReadOnly(path);
    mustBeOurs(reading.db, path);
    if (isCurrent(reading.db)) return reading;
    throw new QueueError(
      `the queue ${path} is of an older denywatch: start this one's agent once, it brings it up to date`,
    );
  } catch (error) {
    reading?.db.close();
    throw unusable(path, 'read', error);
  }
}

/**
 * Who may not write the directory cannot make what SQLite needs beside a file that no process has
 * open. It is then read as one that nobody changes, as long as that is so.
 */
function openReadOnly(path: string): Reading {
  const options: DatabaseSyncOptions = { readOnly: true, timeout: PATIENCE };
  const log = `${path}-wal`;
  const alone = !existsSync(log);
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
  return { db: still, isSound: () => !existsSync(log) && statSync(path).mtimeMs === before };
}

/**
 * Finds out what a file is before anything in it is changed; but for a change that was cut off while
 * the file was made, which SQLite takes back.
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
 * Makes an empty file where there is none. It belongs to whom its directory belongs, where root
 * would make one of its own: `denywatch send` in a root's script must not lock out the agent, which
 * is started later as another user. SQLite gives the files beside it the same owner.
 * @throws QueueError where what is there is none of ours, or what the file system says
 */
export function makeFile(path: string): void {
  try {
    // Never through a link: what is there is looked at below.
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
 * Makes sure that a path leads to one plain file, which nobody else could have put there: not
 * through a link, under one name only, and of the user that runs this or who owns the directory.
 * @throws QueueError, or what the file system says
 */
export function mustBePlain(path: string): void {
  const stats = lstatSync(path);
  const why = stats.isSymbolicLink()
    ? 'is a symbolic link: name the file itself in queue.path'
    : !stats.isFile()
      ? 'is no file: name another queue.path'
      : stats.nlink > 1
        ? `is one file with ${stats.nlink} names, of which each would have a log of its own: remove the others, or name another queue.path`
        : isForeign(path, stats.uid)
          ? `belongs to uid ${stats.uid}, who is neither who runs this nor the owner of ${dirname(path)}: look who put it there`
          : null;
  if (why !== null) throw new QueueError(`${path} ${why}`);
}

function isForeign(path: string, uid: number): boolean {
  return uid !== process.geteuid?.() && uid !== ownerOf(path).uid;
}
