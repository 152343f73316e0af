/** Prepared statements and transactions on a database. */
import { statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { codeOf, QueueError, SQLITE } from './error.ts';

type Value = string | number | null;

/**
 * After one of these SQLite may hold a lock that it does not know of, or take a lock for held that
 * is free: an unlock that fails once leaves the file locked for as long as it is open. It is opened
 * anew before it is used again.
 */
const OPEN_ANEW: ReadonlySet<number> = new Set([SQLITE.busy, SQLITE.ioerr, SQLITE.protocol]);

/** How often it is opened anew at most, ms. */
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
  /** Why it could not be opened anew. */
  #whyClosed: unknown;

  /** @param open opens the database; the same file each time */
  constructor(open: () => DatabaseSync) {
    this.#open = open;
    this.#db = open();
    this.#file = identity(this.#db);
  }

  /** Runs a statement and gives how many rows it changed. */
  run(sql: string, ...values: Value[]): number {
    return this.#use(() => Number(this.#statement(sql).run(...values).changes));
  }

  /** All rows of a query, in the shape that the caller asks for by its columns. */
  all<Row extends object>(sql: string, ...values: Value[]): Row[] {
    return this.#use(() => this.#statement(sql).all(...values) as Row[]);
  }

  /** The same one by one. */
  each<Row extends object>(sql: string, ...values: Value[]): IterableIterator<Row> {
    return this.#use(() => this.#statement(sql).iterate(...values) as IterableIterator<Row>);
  }

  /** The number that a pragma or a query gives. */
  number(sql: string): number {
    const [row = {}] = this.all<Record<string, number>>(sql);
    return Number(Object.values(row)[0]);
  }

  /** Has `work` called after each transaction that failed. */
  onRollback(work: () => void): void {
    this.#onRollback.push(work);
  }

  /** Does all of `work`, durably, or nothing of it. */
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

  /** Gives all that `ask` reads the same state of the file. */
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

  /** Defines a function of one text, for use in statements. */
  define(name: string, work: (text: string) => string | null): void {
    this.#db.function(name, { deterministic: true }, (text) => work(String(text)));
  }

  /** Changes each time that another connection has changed the file. */
  version(): string {
    return `${this.#opened} ${this.number('PRAGMA data_version')}`;
  }

  /** Gives free room back to the file system, once it is worth it. */
  giveBack(): void {
    if (this.number('PRAGMA freelist_count') > 256) this.all('PRAGMA incremental_vacuum');
  }

  /** Empties the write-ahead log, unless another process reads what is in it. */
  emptyLog(): void {
    const patience = this.number('PRAGMA busy_timeout');
    this.all('PRAGMA busy_timeout = 0');
    try {
      const isKept = this.number('PRAGMA wal_checkpoint(TRUNCATE)') !== 0;
      // It may be a lock of our own that could not be let go.
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
    if (this.#isDoubtful && !this.#isInTransaction()) this.#openAnew();
    try {
      return work();
    } catch (error) {
      this.#isDoubtful ||= OPEN_ANEW.has(codeOf(error));
      throw error;
    }
  }

  #isInTransaction(): boolean {
    return this.#db.isOpen && this.#db.isTransaction;
  }

  /** Not at each try: that costs more than a disk in trouble is worth. */
  #openAnew(): void {
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

/** Which file a database is in; no path: in memory. */
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
