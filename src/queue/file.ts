/** The queue file: opening it, and its tables. */
import { DatabaseSync } from 'node:sqlite';

/** Raised with each change of the tables; a file of a newer version is refused. */
const VERSION = 1;

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

const SCHEMA = `
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
`;

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
    db = new DatabaseSync(path, { timeout: 5000 });
    // auto_vacuum is settled by the first table, so it comes before all else.
    db.exec(
      'PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL',
    );
    migrate(db, path);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof QueueError) throw error;
    const why = (error as Error).message;
    throw new QueueError(`cannot open the queue ${path} (queue.path): ${why}`, { cause: error });
  }
}

function migrate(db: DatabaseSync, path: string): void {
  const version = () => Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version() > VERSION) {
    throw new QueueError(
      `the queue ${path} is of a newer denywatch (version ${version()}): update denywatch, or name another queue.path`,
    );
  }
  if (version() === VERSION) return;
  db.exec('BEGIN IMMEDIATE');
  // Another process may have made the tables while we waited for the lock.
  if (version() === 0) db.exec(`${SCHEMA}; PRAGMA user_version = ${VERSION}`);
  db.exec('COMMIT');
}
