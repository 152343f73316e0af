/**
 * The queue file: every statement that touches it. One transaction stores what was read from a
 * source together with the position behind it, so that a crash at any moment neither loses a denial
 * nor counts one twice.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Position } from '../source/source.ts';
import { openFile } from './file.ts';
import type { Backoff, Dropped, MonitorRow, NewResult, Result } from './result.ts';

/** How much the queue holds at most; what is over it is dropped, counted and said. */
export interface Bounds {
  /** Most results waiting. */
  readonly results: number;
  /** Most bytes of the file that are in use. */
  readonly size: number;
  /** Longest that a result waits, ms. */
  readonly keep: number;
}

/** Everything that one transaction stores. */
export interface Batch {
  readonly positions: readonly { stream: string; position: Position; carry: unknown }[];
  readonly folds: readonly (readonly [key: string, value: string | null])[];
  readonly results: readonly NewResult[];
  /** Begin of each denial's hour, ms since 1970, and how many. */
  readonly hours: ReadonlyMap<number, number>;
  readonly alerts: number;
  /** Ids of the inbox that were taken. */
  readonly inbox: readonly number[];
}

export interface QueueOptions {
  readonly bounds: Bounds;
  readonly now?: () => number;
}

export class Queue {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #bounds: Bounds;
  readonly #now: () => number;
  readonly #statements = new Map<string, StatementSync>();
  #waiting: number;

  /**
   * Opens the queue file, and makes it where there is none.
   * @param path `:memory:` for one that leaves no trace
   * @throws QueueError
   */
  constructor(path: string, { bounds, now = Date.now }: QueueOptions) {
    this.path = path;
    this.#bounds = bounds;
    this.#now = now;
    this.#db = openFile(path);
    this.#waiting = this.#count();
  }

  /** Stores a batch whole or not at all. Gives what had to be dropped for want of room. */
  store(batch: Batch): Dropped {
    return this.#transaction(() => {
      for (const { stream, position, carry } of batch.positions) {
        this.#run(
          'INSERT OR REPLACE INTO position (stream, place, carry) VALUES (?, ?, ?)',
          stream,
          JSON.stringify(position),
          JSON.stringify(carry ?? null),
        );
      }
      for (const [key, value] of batch.folds) {
        if (value === null) this.#run('DELETE FROM fold WHERE key = ?', key);
        else this.#run('INSERT OR REPLACE INTO fold (key, value) VALUES (?, ?)', key, value);
      }
      for (const id of batch.inbox) this.#run('DELETE FROM inbox WHERE id = ?', id);
      let denials = 0;
      for (const [hour, count] of batch.hours) {
        denials += count;
        this.#run(
          'INSERT INTO hour VALUES (?, ?) ON CONFLICT DO UPDATE SET denials = denials + excluded.denials',
          hour,
          count,
        );
      }
      this.#add('denials', denials);
      this.#add('alerts', batch.alerts);
      return this.#put(batch.results);
    });
  }

  /** Puts results in the queue that come from elsewhere than the log (the verb send). */
  put(results: readonly NewResult[]): Dropped {
    return this.#transaction(() => this.#put(results));
  }

  /** Leaves a denial for the agent to fold and tell (the verb denied). */
  leave(denial: unknown): void {
    this.#run('INSERT INTO inbox (denial) VALUES (?)', JSON.stringify(denial));
  }

  /** Denials that were left, oldest first. */
  inbox(limit: number): { id: number; denial: unknown }[] {
    const rows = this.#all('SELECT id, denial FROM inbox ORDER BY id LIMIT ?', limit);
    return rows.map((row) => ({
      id: Number(row['id']),
      denial: JSON.parse(String(row['denial'])),
    }));
  }

  /** Whether another process has changed the file since the last call. */
  changedByOthers(): () => boolean {
    const version = () => Number(this.#all('PRAGMA data_version')[0]?.['data_version']);
    let seen = version();
    return () => {
      const now = version();
      const changed = now !== seen;
      seen = now;
      if (changed) this.#waiting = this.#count();
      return changed;
    };
  }

  position(stream: string): { position: Position; carry: unknown } | undefined {
    const [row] = this.#all('SELECT place, carry FROM position WHERE stream = ?', stream);
    if (row === undefined) return undefined;
    return {
      position: JSON.parse(String(row['place'])) as Position,
      carry: JSON.parse(String(row['carry'])),
    };
  }

  folds(): [key: string, value: string][] {
    return this.#all('SELECT key, value FROM fold').map((row) => [
      String(row['key']),
      String(row['value']),
    ]);
  }

  /** Results that wait for a monitor, oldest first. */
  waiting(monitor: string, after: number, limit: number): Result[] {
    return this.#all(
      `SELECT id, at, host, service, state, output, attempts FROM result
       WHERE monitor = ? AND id > ? AND refused IS NULL ORDER BY id LIMIT ?`,
      monitor,
      after,
      limit,
    ) as unknown as Result[];
  }

  delivered(monitor: string, ids: readonly number[]): void {
    this.#transaction(() => {
      for (const id of ids) this.#waiting -= this.#run('DELETE FROM result WHERE id = ?', id);
      this.#run(
        `INSERT INTO monitor (name, delivered, last) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET delivered = delivered + excluded.delivered, last = excluded.last`,
        monitor,
        ids.length,
        this.#now(),
      );
    });
    this.#giveBack();
  }

  failed(ids: readonly number[]): void {
    this.#transaction(() => {
      for (const id of ids) this.#run('UPDATE result SET attempts = attempts + 1 WHERE id = ?', id);
    });
  }

  setAside(id: number, reason: string): void {
    this.#run('UPDATE result SET refused = ? WHERE id = ?', reason, id);
  }

  backoff(monitor: string): Backoff {
    const [row] = this.#all(
      'SELECT failures, next, kind, message FROM monitor WHERE name = ?',
      monitor,
    );
    return (
      (row as unknown as Backoff | undefined) ?? { failures: 0, next: 0, kind: null, message: null }
    );
  }

  saveBackoff(monitor: string, { failures, next, kind, message }: Backoff): void {
    this.#run(
      `INSERT INTO monitor (name, failures, next, kind, message) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET failures = excluded.failures, next = excluded.next,
         kind = excluded.kind, message = excluded.message`,
      monitor,
      failures,
      next,
      kind,
      message,
    );
  }

  /** Gives the results and the history of one monitor to another name. */
  renameMonitor(from: string, to: string): void {
    this.#transaction(() => {
      this.#run('UPDATE result SET monitor = ? WHERE monitor = ?', to, from);
      this.#run('DELETE FROM monitor WHERE name = ?', from);
    });
  }

  /** Every monitor that results wait for or that was delivered to, with the state of its queue. */
  monitors(): MonitorRow[] {
    return this.#all(
      `SELECT name, failures, next, kind, message, delivered, last,
         (SELECT count(*) FROM result WHERE monitor = name AND refused IS NULL) AS waiting,
         (SELECT count(*) FROM result WHERE monitor = name AND refused IS NOT NULL) AS setAside,
         (SELECT min(queued) FROM result WHERE monitor = name AND refused IS NULL) AS oldest
       FROM (SELECT name FROM monitor UNION SELECT DISTINCT monitor FROM result)
       LEFT JOIN monitor USING (name) ORDER BY name`,
    ) as unknown as MonitorRow[];
  }

  /** Totals that only grow: denials, alerts, droppedResults, droppedDenials. */
  totals(): Record<string, number> {
    const rows = this.#all('SELECT name, value FROM total');
    return Object.fromEntries(rows.map((row) => [String(row['name']), Number(row['value'])]));
  }

  /** Denials by hour (its beginning, ms since 1970), from `since` on. */
  hours(since: number): { hour: number; denials: number }[] {
    return this.#all(
      'SELECT hour, denials FROM hour WHERE hour >= ? ORDER BY hour',
      since,
    ) as never;
  }

  streams(): string[] {
    return this.#all('SELECT stream FROM position ORDER BY stream').map((row) =>
      String(row['stream']),
    );
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #put(results: readonly NewResult[]): Dropped {
    const now = this.#now();
    for (const { monitor, at, host, service, state, output, denials, value } of results) {
      this.#run(
        `INSERT INTO result (monitor, at, host, service, state, output, denials, value, queued)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        monitor,
        at,
        host,
        service,
        state,
        output,
        denials,
        value,
        now,
      );
    }
    this.#waiting += results.length;
    return results.length === 0 ? { results: 0, denials: 0 } : this.#makeRoom(now);
  }

  /** Drops what is too old, and of the rest what is worth least, oldest first, until all fits. */
  #makeRoom(now: number): Dropped {
    const dropped = this.#drop('WHERE queued < ?', now - this.#bounds.keep);
    const cheapest = 'WHERE id IN (SELECT id FROM result ORDER BY value, id LIMIT ?)';
    const over = this.#waiting - this.#bounds.results;
    if (over > 0) addTo(dropped, this.#drop(cheapest, over));
    while (this.#waiting > 0 && this.#used() > this.#bounds.size) {
      addTo(dropped, this.#drop(cheapest, Math.ceil(this.#waiting / 50)));
    }
    this.#add('droppedResults', dropped.results);
    this.#add('droppedDenials', dropped.denials);
    return dropped;
  }

  #drop(where: string, value: number): { results: number; denials: number } {
    const rows = this.#all(`DELETE FROM result ${where} RETURNING denials`, value);
    this.#waiting -= rows.length;
    return {
      results: rows.length,
      denials: rows.reduce((sum, row) => sum + Number(row['denials']), 0),
    };
  }

  #used(): number {
    const pragma = (name: string) => Number(this.#all(`PRAGMA ${name}`)[0]?.[name]);
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
  }

  /** Gives the room of delivered results back to the file system, once it is worth it. */
  #giveBack(): void {
    const free = Number(this.#all('PRAGMA freelist_count')[0]?.['freelist_count']);
    if (free > 256) this.#db.exec('PRAGMA incremental_vacuum');
  }

  #count(): number {
    return Number(this.#all('SELECT count(*) AS n FROM result')[0]?.['n']);
  }

  #add(name: string, value: number): void {
    if (value === 0) return;
    this.#run(
      'INSERT INTO total VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value',
      name,
      value,
    );
  }

  #transaction<T>(work: () => T): T {
    const waiting = this.#waiting;
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const given = work();
      this.#db.exec('COMMIT');
      return given;
    } catch (error) {
      this.#waiting = waiting;
      // SQLite has rolled back by itself after some errors (a full disk).
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #run(sql: string, ...values: (string | number | null)[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  #all(sql: string, ...values: (string | number | null)[]) {
    return this.#prepared(sql).all(...values);
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function addTo(sum: { results: number; denials: number }, more: Dropped): void {
  sum.results += more.results;
  sum.denials += more.denials;
}
