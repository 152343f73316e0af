/** The queue file: opening it, and its tables. */
import { DatabaseSync } from 'node:sqlite';
import { makeForOwner } from './owner.ts';

/** In which order results are delivered. */
export type Order = 'oldest' | 'newest';

/**
 * A result's place in the order. What tells of no denial (the verb send, heartbeats) stays in its
 * own order in any case, and before the rest: of two states of a service the last is the true one.
 */
export const PLACE: Readonly<Record<Order, string>> = {
  oldest: 'id',
  newest: 'CASE denials WHEN 0 THEN id - 4503599627370496 ELSE -id END',
};

/**
 * What makes a file of each version one of the next, beginning with an empty one; never change one
 * that was released. A file of a newer version than these make is refused.
 */
const STEPS = [
  `
    -- Check results that wait for a monitor. AUTOINCREMENT: an id is never used again, so that the
    -- order of ids stays the order of delivery.
    CREATE TABLE result (
      id        INTEGER PRIMARY KEY AUTOINCREMENT,
      monitor   TEXT    NOT NULL,
      at        INTEGER NOT NULL,             -- when it happened, ms since 1970
      host      TEXT    NOT NULL,
      service   TEXT    NOT NULL,
      state     INTEGER NOT NULL,
      output    TEXT    NOT NULL,
      denials   INTEGER NOT NULL,             -- how many denials it tells of
      value     INTEGER NOT NULL,             -- what is worth least goes first when there is no room
      queued    INTEGER NOT NULL,             -- when it was put here, ms since 1970
      attempts  INTEGER NOT NULL DEFAULT 0,
      refused   TEXT                          -- why the monitor will not have it: it is set aside
    ) STRICT;
    CREATE INDEX result_waiting ON result (monitor, id) WHERE refused IS NULL;
    CREATE INDEX result_newest  ON result (monitor, (${PLACE.newest})) WHERE refused IS NULL;
    CREATE INDEX result_worth   ON result (value, id);

    -- How far each stream was read, in the transaction that stored what was read.
    CREATE TABLE position (
      stream TEXT PRIMARY KEY,
      place  TEXT NOT NULL,                   -- JSON: the source's position
      carry  TEXT NOT NULL                    -- JSON: what the parser needs of the lines before
    ) STRICT, WITHOUT ROWID;

    -- Open windows and what else the fold must not forget.
    CREATE TABLE fold (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

    -- Denials that another process brought (the verb denied).
    CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, denial TEXT NOT NULL) STRICT;

    -- How each monitor does: the backoff survives a restart.
    CREATE TABLE monitor (
      name      TEXT PRIMARY KEY,
      failures  INTEGER NOT NULL DEFAULT 0,
      next      INTEGER NOT NULL DEFAULT 0,   -- no try before this, ms since 1970
      kind      TEXT,
      message   TEXT,
      delivered INTEGER NOT NULL DEFAULT 0,   -- results, since the queue was made
      last      INTEGER                       -- when the last one was delivered, ms since 1970
    ) STRICT, WITHOUT ROWID;

    -- Denials by hour (ms since 1970 of its beginning), and totals that only grow.
    CREATE TABLE hour  (hour INTEGER PRIMARY KEY, denials INTEGER NOT NULL) STRICT;
    CREATE TABLE total (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
    -- Denials of each hour (ms since 1970 of its beginning), by who logged them, which daemon, and
    -- which client; '' where it is not told apart. See history.ts.
    CREATE TABLE history (
      hour    INTEGER NOT NULL,
      host    TEXT    NOT NULL,
      daemon  TEXT    NOT NULL,
      client  TEXT    NOT NULL,
      denials INTEGER NOT NULL,
      PRIMARY KEY (hour, host, daemon, client)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO history SELECT hour, '', '', '', denials FROM hour;
    DROP TABLE hour;

    -- Denials of each minute (ms since 1970 of its beginning) of the last day.
    CREATE TABLE minute (minute INTEGER PRIMARY KEY, denials INTEGER NOT NULL) STRICT;

    -- Scans and storms.
    CREATE TABLE event (
      id      INTEGER PRIMARY KEY,
      at      INTEGER NOT NULL,             -- ms since 1970
      kind    TEXT    NOT NULL,
      host    TEXT,                         -- the logging host; null for several
      text    TEXT    NOT NULL,
      denials INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX event_at ON event (at);
  `,
  `
    -- What a result is about, without its counts; null: all of its output. A digest adds up by it.
    ALTER TABLE result ADD COLUMN subject TEXT;

    -- Connections, and log messages, of each hour (ms since 1970 of its beginning) that nobody could
    -- see, by the host, whose they were, and why; '' where it is not known.
    CREATE TABLE unseen (
      hour    INTEGER NOT NULL,
      host    TEXT    NOT NULL,
      program TEXT    NOT NULL,
      why     TEXT    NOT NULL,
      count   INTEGER NOT NULL,
      PRIMARY KEY (hour, host, program, why)
    ) STRICT, WITHOUT ROWID;
  `,
];

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGE: ReadonlySet<number> = new Set([11, 26]);

/** The queue file cannot be used. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
}

/**
 * Opens the queue file, and makes it where there is none. Any number of processes may have it open.
 * @throws QueueError
 */
export function openFile(path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    makeForOwner(path);
    db = new DatabaseSync(path, { timeout: 5000 });
    // auto_vacuum is settled by the first table, so it comes before all else.
    db.exec(
      'PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL',
    );
    migrate(db, path);
    return db;
  } catch (error) {
    db?.close();
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): QueueError {
  if (error instanceof QueueError) return error;
  if (isDamage(error)) return damaged(path, error);
  const why = (error as Error).message;
  return new QueueError(
    `cannot open the queue ${path} (queue.path): ${why}; is it the agent's user that runs this?`,
    { cause: error },
  );
}

/** Whether SQLite finds that the file is none of its own, or not as it left it. */
export function isDamage(error: unknown): boolean {
  return DAMAGE.has(Number((error as { errcode?: number }).errcode) & 0xff);
}

/** What is left to an administrator: nothing of a damaged file is changed or given up by itself. */
export function damaged(path: string, cause: unknown): QueueError {
  const message =
    `the queue ${path} (queue.path) is damaged: ${(cause as Error).message}. Move it away with its ` +
    "-wal file, and a new one is made, which begins where 'from' of each source says; sqlite3's " +
    '.recover may save what waited in the old one';
  return new QueueError(message, { cause });
}

/**
 * Opens a queue file that is there, for reading only.
 * @throws QueueError
 */
export function openForReading(path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    if (version(db, path) === STEPS.length) return db;
    throw new QueueError(
      `the queue ${path} is of an older denywatch: start this one's agent once, it brings it up to date`,
    );
  } catch (error) {
    db?.close();
    throw unusable(path, error);
  }
}

function migrate(db: DatabaseSync, path: string): void {
  if (version(db, path) === STEPS.length) return;
  db.exec('BEGIN IMMEDIATE');
  // Another process may have done it while we waited for the lock.
  for (const step of STEPS.slice(version(db, path))) db.exec(step);
  db.exec(`PRAGMA user_version = ${STEPS.length}; COMMIT`);
}

function version(db: DatabaseSync, path: string): number {
  const found = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
  if (found <= STEPS.length) return found;
  throw new QueueError(
    `the queue ${path} is of a newer denywatch (version ${found}): update denywatch, or name another queue.path`,
  );
}
