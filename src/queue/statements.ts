/** Prepared statements and transactions on a database. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

type Value = string | number | null;

export class Statements {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Runs a statement and gives how many rows it changed. */
  run(sql: string, ...values: Value[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  /** All rows of a query, in the shape that the caller asks for by its columns. */
  all<Row extends object>(sql: string, ...values: Value[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  /** The same one by one. */
  each<Row extends object>(sql: string, ...values: Value[]): IterableIterator<Row> {
    return this.#statement(sql).iterate(...values) as IterableIterator<Row>;
  }

  /** The number that a pragma or a query gives. */
  number(sql: string): number {
    const [row = {}] = this.all<Record<string, number>>(sql);
    return Number(Object.values(row)[0]);
  }

  /** Does all of `work`, durably, or nothing of it. */
  transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const given = work();
      this.#db.exec('COMMIT');
      return given;
    } catch (error) {
      // SQLite has rolled back by itself after some errors (a full disk).
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Gives all that `ask` reads the same state of the file. */
  snapshot<T>(ask: () => T): T {
    this.#db.exec('BEGIN');
    try {
      return ask();
    } finally {
      this.#db.exec('ROLLBACK');
    }
  }

  /** Defines a function of one text, for use in statements. */
  define(name: string, work: (text: string) => string | null): void {
    this.#db.function(name, { deterministic: true }, (text) => work(String(text)));
  }

  /** Bytes of the file that are in use. */
  used(): number {
    const pages = this.number('PRAGMA page_count') - this.number('PRAGMA freelist_count');
    return pages * this.number('PRAGMA page_size');
  }

  /** Gives free room back to the file system, once it is worth it. */
  giveBack(): void {
    if (this.number('PRAGMA freelist_count') > 256) this.all('PRAGMA incremental_vacuum');
  }

  close(): void {
    this.#prepared.clear();
    this.#db.close();
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
