/** Prepared statements and transactions on a database. */
import { statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { codeOf, QueueError, SQLITE } from './error.ts';

type Value = string | number | null;

/**
 * After one of these errors SQLite may hold a lock that it does not know of, or take a free lock
 * for held: an unlock that fails once leaves the file locked as long as it is open. The file is
 * reopened before it is used again.
 */
const REOPEN_AFTER: ReadonlySet<number> = new Set([SQLITE.busy, SQLITE.ioerr, SQLITE.protocol]);

/** Shortest time between two attempts to reopen it, ms. */
const SELDOM = 5000;

export class Statements {
  readonly #open: () => DatabaseSync;
  #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();
  readonly #onRollback: (() => void)[] = [];
  readonly #file: Identity;
  #isDoubtful = false;
  #opened = 1;
  #lastOpened = -Infinity;
  /** Why it could not be reopened. */
  #whyClosed: unknown;

  /** @param open opens the database, the same file each time */
  constructor(open: () => DatabaseSync) {
    this.#open = open;
    this.#db = open();
    this.#file = identity(this.#db);
  }

  /** Runs a statement and returns how many rows it changed. */
  run(sql: string, ...values: Value[]): number {
    return this.#use(() => Number(this.#statement(sql).run(...values).changes));
  }

  /** All rows of a query, in the shape that the caller asks for by its columns. */
  all<Row extends object>(sql: string, ...values: Value[]): Row[] {
    return this.#use(() => this.#statement(sql).all(...values) as Row[]);
  }

  /** The same, row by row. */
  each<Row extends object>(sql: string, ...values: Value[]): IterableIterator<Row> {
    return this.#use(() => this.#statement(sql).iterate(...values) as IterableIterator<Row>);
  }

  /** The number that a pragma or a query returns. */
  number(sql: string): number {
    const [row = {}] = this.all<Record<string, number>>(sql);
    return Number(Object.values(row)[0]);
  }

  /** Calls `work` after each failed transaction. */
  onRollback(work: () => void): void {
    this.#onRollback.push(work);
  }

  /** Does all of `work`, durably, or none of it. */
  transaction<T>(work: () => T): T {
    return this.#use(() => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        const given = work();
        this.#db.exec('COMMIT');
        return given;
      } catch (error) {
        // SQLite has rolled back by itself after some errors (a full disk).
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
        for (const forget of this.#onRollback) forget();
        throw error;
      }
    });
  }

  /** Runs `ask` so that everything it reads is from one state of the file. */
  snapshot<T>(ask: () => T): T {
    return this.#use(() => {
      this.#db.exec('BEGIN');
      try {
        return ask();
      } finally {
        this.#db.exec('ROLLBACK');
      }
    });
  }

  /** Defines an SQL function of one text. */
  define(name: string, work: (text: string) => string | null): void {
    this.#db.function(name, { deterministic: true }, (text) => work(String(text)));
  }

  /** Changes whenever another connection has changed the file. */
  version(): string {
    return `${this.#opened} ${this.number('PRAGMA data_version')}`;
  }

  /** Returns free space to the file system once it is worth it. */
  giveBack(): void {
    if (this.number('PRAGMA freelist_count') > 256) this.all('PRAGMA incremental_vacuum');
  }

  /** Empties the write-ahead log, unless another process is reading from it. */
  emptyLog(): void {
    const patience = this.number('PRAGMA busy_timeout');
    this.all('PRAGMA busy_timeout = 0');
    try {
      const isKept = this.number('PRAGMA wal_checkpoint(TRUNCATE)') !== 0;
      // It may be a lock of our own that could not be released.
      this.#isDoubtful ||= isKept;
    } finally {
      this.all(`PRAGMA busy_timeout = ${patience}`);
    }
  }

  close(): void {
    this.#prepared.clear();
    if (this.#db.isOpen) this.#db.close();
  }

  #use<T>(work: () => T): T {
    if (this.#isDoubtful && !this.#isInTransaction()) this.#reopen();
    try {
      return work();
    } catch (error) {
      this.#isDoubtful ||= REOPEN_AFTER.has(codeOf(error));
      throw error;
    }
  }

  #isInTransaction(): boolean {
    return this.#db.isOpen && this.#db.isTransaction;
  }

  /** Not at every attempt: that would cost too much while a disk has trouble. */
  #reopen(): void {
    const now = performance.now();
    if (now < this.#lastOpened + SELDOM) {
      if (this.#db.isOpen) return;
      throw this.#whyClosed;
    }
    this.#lastOpened = now;
    const path = this.#file.path;
    if (path !== null && !isSame(this.#file))
      throw new QueueError(`the queue ${path} was removed or replaced: restart the agent`);
    this.close();
    try {
      this.#db = this.#open();
    } catch (error) {
      this.#whyClosed = error;
      throw error;
    }
    this.#opened++;
    this.#isDoubtful = false;
  }

  #statement(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}

/** The file of a database; without a path it is in memory. */
interface Identity {
  readonly path: string | null;
  readonly device: number;
  readonly inode: number;
}

function identity(db: DatabaseSync): Identity {
  const path = db.location();
  if (path === null) return { path, device: 0, inode: 0 };
  const { dev, ino } = statSync(path);
  return { path, device: dev, inode: ino };
}

function isSame({ path, device, inode }: Identity): boolean {
  const now = statSync(path!, { throwIfNoEntry: false });
  return now?.dev === device && now.ino === inode;
}
