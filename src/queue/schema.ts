/** The tables of the queue file, and how a file of an older version is updated. */
import { DatabaseSync } from 'node:sqlite';
import { QueueError } from './error.ts';

/** The order in which results are delivered. */
export type Order = 'oldest' | 'newest';

/**
 * A result's place in the order. Results that report no denial (the verb send, heartbeats) always
 * keep their own order, before the rest: of two states of a service the last one is true.
 */
export const PLACE: Readonly<Record<Order, string>> = {
  oldest: 'id',
  newest: 'CASE denials WHEN 0 THEN id - 4503599627370496 ELSE -id END',
};

/** "deny": SQLite's application_id in the header of a queue file. */
const APPLICATION = 0x64656e79;
/** The first version that has it. */
const FIRST_NAMED = 4;

/** A table whose rows are counted. */
interface Counted {
  readonly table: string;
  /** Expressions over a row; its columns are prefixed with `row.`. */
  readonly kind: string;
  readonly monitor: string;
  readonly bytes: string;
  /** Columns that these depend on and that change. */
  readonly changing?: readonly string[];
}

const COUNTED: readonly Counted[] = [
  {
    table: 'result',
    kind: "CASE WHEN row.refused IS NULL THEN 'waiting' ELSE 'setAside' END",
    monitor: 'row.monitor',
    bytes: `${lengths('host', 'service', 'output', 'subject', 'refused')}
      + 3 * octet_length(row.monitor) + 120`,
    changing: ['monitor', 'output', 'subject', 'refused'],
  },
  {
    table: 'fold',
    kind: "'fold'",
    monitor: "''",
    bytes: `${lengths('key', 'value')} + 20`,
    changing: ['value'],
  },
  { table: 'inbox', kind: "'inbox'", monitor: "''", bytes: `${lengths('denial')} + 20` },
  {
    table: 'history',
    kind: "'history'",
    monitor: "''",
    bytes: `${lengths('host', 'daemon', 'client')} + 30`,
  },
  { table: 'event', kind: "'history'", monitor: "''", bytes: `${lengths('host', 'text')} + 40` },
  {
    table: 'unseen',
    kind: "'history'",
    monitor: "''",
    bytes: `${lengths('host', 'program', 'why')} + 30`,
  },
];

/** The table of version 5 whose rows are counted. */
const BROUGHT: Counted = {
  table: 'brought',
  kind: "'history'",
  monitor: "''",
  bytes: `${lengths('host', 'daemon', 'client')} + 30`,
};

function lengths(...columns: readonly string[]): string {
  return columns.map((column) => `coalesce(octet_length(row.${column}), 0)`).join(' + ');
}

/** An expression over `row`, for a row of this name. */
function of(expression: string, row: string): string {
  return expression.replaceAll('row.', `${row}.`);
}

/** Makes `room` count the rows of a table, existing ones included. */
function counting({ table, kind, monitor, bytes, changing }: Counted): string {
  const add = (sign: '' | '-', row: string) => `
      INSERT INTO room VALUES (${of(kind, row)}, ${of(monitor, row)}, ${sign}1, ${sign}(${of(bytes, row)}))
        ON CONFLICT DO UPDATE SET rows = rows + excluded.rows, bytes = bytes + excluded.bytes;`;
  const change =
    changing === undefined
      ? ''
      : `
    CREATE TRIGGER ${table}_changed AFTER UPDATE OF ${changing.join(', ')} ON ${table} BEGIN
      ${add('-', 'old')}${add('', 'new')}
    END;`;
  return `
    CREATE TRIGGER ${table}_added AFTER INSERT ON ${table} BEGIN ${add('', 'new')}
    END;
    CREATE TRIGGER ${table}_removed AFTER DELETE ON ${table} BEGIN ${add('-', 'old')}
    END;${change}
    INSERT INTO room SELECT ${of(kind, table)}, ${of(monitor, table)}, count(*), sum(${of(bytes, table)})
      FROM ${table} WHERE true GROUP BY 1, 2
      ON CONFLICT DO UPDATE SET rows = rows + excluded.rows, bytes = bytes + excluded.bytes;`;
}

/**
 * The steps from each version to the next, beginning with an empty file; never change a step that
 * was released. A file of a newer version is refused.
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
      denials   INTEGER NOT NULL,             -- how many denials it reports
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
    -- which client; '' where it is not counted separately. See history.ts.
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
  `
    -- That a file is a queue of ours is in its header.
    PRAGMA application_id = ${APPLICATION};

    -- How much there is of each kind, in all and for each monitor ('' for what is of none): each
    -- kind has its own bound. Bytes are those of the texts, and what a row costs beside them.
    CREATE TABLE room (
      kind    TEXT    NOT NULL,
      monitor TEXT    NOT NULL,
      rows    INTEGER NOT NULL,
      bytes   INTEGER NOT NULL,
      PRIMARY KEY (kind, monitor)
    ) STRICT, WITHOUT ROWID;
    ${COUNTED.map(counting).join('')}

    -- Denials in files beside this one (the verb denied) that are in the inbox already.
    CREATE TABLE spooled (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  `,
  `
    -- What \`verify\` compares the logs and the history with.

    -- When each stream's first block was stored, where it was then, and how many bytes the block had:
    -- nothing before them was read. Streams of an older version have no row.
    CREATE TABLE first_position (
      stream TEXT PRIMARY KEY,
      at     INTEGER NOT NULL,                -- ms since 1970
      place  TEXT    NOT NULL,                -- JSON: the source's position
      bytes  INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- How many denials of the history another process brought (the verb denied): no log need have
    -- them. '' as in the history.
    CREATE TABLE brought (
      hour    INTEGER NOT NULL,
      host    TEXT    NOT NULL,
      daemon  TEXT    NOT NULL,
      client  TEXT    NOT NULL,
      denials INTEGER NOT NULL,
      PRIMARY KEY (hour, host, daemon, client)
    ) STRICT, WITHOUT ROWID;
    ${counting(BROUGHT)}

    -- What became of the results that report denials, by the hour of the alert; and how many denials
    -- a rule ignored, of no monitor, by the hour in which they were counted. See outcomes.ts.
    CREATE TABLE outcome (
      hour    INTEGER NOT NULL,
      monitor TEXT    NOT NULL,
      what    TEXT    NOT NULL,
      results INTEGER NOT NULL,
      denials INTEGER NOT NULL,
      PRIMARY KEY (hour, monitor, what)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO outcome SELECT at - at % 3600000, monitor, 'queued', count(*), sum(denials)
      FROM result WHERE denials > 0 GROUP BY 1, 2;
  `,
];

/** Whether a file already has this version. */
export function isCurrent(db: DatabaseSync): boolean {
  return pragma(db, 'user_version') === STEPS.length;
}

/** Updates a file, or an empty one, to a version. */
export function migrate(db: DatabaseSync, version = STEPS.length): void {
  if (isCurrent(db)) return;
  db.exec('BEGIN IMMEDIATE');
  // Another process may have done it while we waited for the lock.
  for (const step of STEPS.slice(pragma(db, 'user_version'), version)) db.exec(step);
  db.exec(`PRAGMA user_version = ${version}; COMMIT`);
}

/**
 * Makes sure that a file is one of our queues: any other file is neither changed nor queried. Its
 * tables must be exactly those that we create, so that no foreign views and triggers run.
 * @throws QueueError
 */
export function mustBeOurs(db: DatabaseSync, path: string): void {
  const application = pragma(db, 'application_id');
  const version = pragma(db, 'user_version');
  const ours = application === APPLICATION || (application === 0 && version < FIRST_NAMED);
  if (ours && version > STEPS.length)
    throw new QueueError(
      `the queue ${path} is of a newer denywatch (version ${version}): update denywatch, or name another queue.path`,
    );
  if (!ours || !hasOurTables(db, version))
    throw new QueueError(
      `${path} is not a queue of denywatch, and is left unchanged: name another queue.path`,
    );
}

function hasOurTables(db: DatabaseSync, version: number): boolean {
  const isKnown = version === STEPS.length && typeof QUEUE_SCHEMA === 'string';
  return schemaOf(db) === (isKnown ? QUEUE_SCHEMA : expected(version));
}

/**
 * What `expected` returns for this version, in the executable: packaging/build.ts defines it. Creating
 * an empty queue to compare with is half of what opening a queue costs, which `denied` does for each
 * refused connection.
 */
declare const QUEUE_SCHEMA: string | undefined;

/** The schema that a file of a version has. */
export function expected(version = STEPS.length): string {
  const db = new DatabaseSync(':memory:');
  try {
    for (const step of STEPS.slice(0, version)) db.exec(step);
    return schemaOf(db);
  } finally {
    db.close();
  }
}

/** All definitions in a file, without comments and layout, which may change between releases. */
function schemaOf(db: DatabaseSync): string {
  const rows = db
    .prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name LIMIT 200')
    .all();
  return rows
    .map(({ type, name, sql }) => {
      const text = String(sql).replaceAll(/--.*$/gm, '').replaceAll(/\s+/g, ' ');
      return `${String(type)} ${String(name)} ${text}`;
    })
    .join('\n');
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}
