/**
 * How much the queue file may hold. Each kind of row has its own share of `queue.size`, and if one
 * kind exceeds it, rows of that kind alone are dropped: a monitor that refuses a lot, a flood of
 * denials or a script that sends cannot displace what waits for others.
 */
import { statSync } from 'node:fs';
import { Ages, type Clocks } from './ages.ts';
import { QueueError } from './error.ts';
import { NO_FILE } from './file.ts';
import type { History } from './history.ts';
import { ageOutcomes, countOutcome, type Counted } from './outcomes.ts';
import type { Dropped } from './result.ts';
import type { Statements } from './statements.ts';

/** Limits of the queue; what exceeds them is dropped, counted and logged. */
export interface Bounds {
  /** Most results waiting. */
  readonly results: number;
  /** Most bytes of the file and its write-ahead log. */
  readonly size: number;
  /** Longest time that a result waits, ms. */
  readonly keep: number;
}

/** Each kind's share of the size. */
export const SHARES = {
  waiting: 1 / 2,
  history: 3 / 16,
  setAside: 1 / 16,
  fold: 1 / 16,
  inbox: 1 / 16,
  log: 1 / 8,
} as const;

type Kind = Exclude<keyof typeof SHARES, 'log'>;

/** Minimum room in the write-ahead log for a transaction, bytes. */
const SMALLEST_LOG = 1 << 20;
/** After this many pages SQLite restarts the write-ahead log, unless somebody is reading. */
const PAGES = 1000;
const PAGE = 4096;
/** The part of a kind's rows that is dropped at a time: finding them takes time. */
const PART = 50;

/** Totals of dropped rows of each kind. */
const COUNTED = {
  waiting: 'droppedResults',
  setAside: 'droppedSetAside',
  inbox: 'droppedInbox',
  fold: 'droppedWindows',
} as const;

/** Drops the least important rows of a kind, and returns how many denials each stands for. */
const LEAST = {
  waiting: `DELETE FROM result WHERE id IN (SELECT id FROM result
    WHERE monitor = ? AND refused IS NULL ORDER BY value, id LIMIT ?)
    RETURNING monitor, at, denials`,
  setAside: `DELETE FROM result WHERE id IN (SELECT id FROM result
    WHERE monitor = ? AND refused IS NOT NULL ORDER BY id LIMIT ?)
    RETURNING monitor, at, denials`,
  inbox: `DELETE FROM inbox WHERE ? = '' AND id IN (SELECT id FROM inbox ORDER BY id LIMIT ?)
    RETURNING NULL AS monitor, 1 AS denials`,
  fold: `DELETE FROM fold WHERE ? = '' AND key IN (SELECT key FROM fold
    ORDER BY octet_length(key) + octet_length(value) DESC LIMIT ?)
    RETURNING NULL AS monitor, 0 AS denials`,
} as const;

interface Taken {
  readonly monitor: string;
  readonly rows: number;
  readonly bytes: number;
}

/** A row that was dropped: a result, or one of another kind. */
type Gone = Counted | { readonly monitor: null; readonly denials: number };

export class Room {
  readonly #sql: Statements;
  readonly #bounds: Bounds;
  readonly #history: History;
  readonly #ages: Ages;
  /** Path and maximum size, bytes, of the write-ahead log; null for a queue without a file. */
  readonly #log: { readonly path: string; readonly size: number } | null;

  constructor(
    path: string,
    sql: Statements,
    history: History,
    options: Clocks & { bounds: Bounds },
  ) {
    this.#sql = sql;
    this.#bounds = options.bounds;
    this.#history = history;
    this.#ages = new Ages(sql, options);
    const size = Math.max(SMALLEST_LOG, this.#share('log'));
    this.#log = path === NO_FILE ? null : { path: `${path}-wal`, size };
  }

  /** Settings of a connection: when the write-ahead log is restarted, and the size it keeps. */
  static settings(size: number): string {
    const pages = Math.floor(Math.max(SMALLEST_LOG, size * SHARES.log) / PAGE / 2);
    const most = Math.min(PAGES, pages);
    return `PRAGMA wal_autocheckpoint = ${most}; PRAGMA journal_size_limit = ${most * PAGE}`;
  }

  /**
   * Makes sure that the write-ahead log has room for a transaction. It grows for as long as another
   * process reads one state of the file; then nothing may be added until that ends.
   * @param factor of its bound; removing rows may use more than adding some
   * @throws QueueError
   */
  mustHaveLog(factor: 1 | 2): void {
    if (this.#log === null) return;
    const { path, size: most } = this.#log;
    if (sizeOf(path) <= factor * most) return;
    this.#sql.emptyLog();
    const size = sizeOf(path);
    if (size <= factor * most) return;
    throw new QueueError(
      `the write-ahead log ${path} has ${size} bytes, and cannot shrink while a process keeps reading the queue: end it (fuser ${path})`,
    );
  }

  /** Drops rows that are too old or too many, for each kind alone. Call it in a transaction. */
  make(now: number): Dropped {
    const waiting = this.#dropOld(now);
    waiting.push(...this.#shrink('waiting'));
    for (const kind of ['setAside', 'inbox', 'fold'] as const) this.#shrink(kind);
    while (sum(this.#taken('history')).bytes > this.#share('history') && this.#history.shrink());
    return { results: waiting.length, denials: denialsOf(waiting) };
  }

  #dropOld(now: number): Gone[] {
    if (!this.#ages.isDue(now)) return [];
    ageOutcomes(this.#sql, now);
    const sql = 'DELETE FROM result WHERE queued < ? RETURNING monitor, at, denials';
    const gone = this.#sql.all<Gone>(sql, now - this.#bounds.keep);
    this.#count(COUNTED.waiting, gone);
    return gone;
  }

  /** Returns what was dropped. */
  #shrink(kind: keyof typeof LEAST): Gone[] {
    const dropped: Gone[] = [];
    const mostRows = kind === 'waiting' ? this.#bounds.results : Infinity;
    for (;;) {
      const taken = this.#taken(kind);
      const { rows, bytes } = sum(taken);
      const tooMany = rows - mostRows;
      if (tooMany <= 0 && bytes <= this.#share(kind)) return dropped;
      // From the monitor with the most: one that is down takes no room from one that is not.
      const [most] = taken.toSorted((a, b) => b.bytes - a.bytes);
      const count = Math.max(tooMany, bytes > this.#share(kind) ? Math.ceil(rows / PART) : 0);
      const gone = this.#sql.all<Gone>(LEAST[kind], most?.monitor ?? '', count);
      if (gone.length === 0) return dropped;
      this.#count(COUNTED[kind], gone);
      dropped.push(...gone);
    }
  }

  #count(total: string, gone: readonly Gone[]): void {
    add(this.#sql, total, gone.length);
    add(this.#sql, 'droppedDenials', denialsOf(gone));
    const results = gone.filter((row) => row.monitor !== null);
    countOutcome(this.#sql, 'dropped', results);
  }

  #taken(kind: Kind): Taken[] {
    const sql = 'SELECT monitor, rows, bytes FROM room WHERE kind = ? AND rows > 0';
    return this.#sql.all<Taken>(sql, kind);
  }

  #share(kind: keyof typeof SHARES): number {
    return this.#bounds.size * SHARES[kind];
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function denialsOf(gone: readonly Gone[]): number {
  return gone.reduce((all, row) => all + row.denials, 0);
}

function sum(taken: readonly Taken[]): { rows: number; bytes: number } {
  return taken.reduce((all, one) => ({ rows: all.rows + one.rows, bytes: all.bytes + one.bytes }), {
    rows: 0,
    bytes: 0,
  });
}

/** Adds to a total. */
export function add(sql: Statements, name: string, value: number): void {
  if (value === 0) return;
  sql.run(
    'INSERT INTO total VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value',
    name,
    value,
  );
}
