/**
 * The queue file: every statement that touches it. One transaction stores what was read from a
 * source together with the position behind it, so that a crash at any moment neither loses a denial
 * nor counts one twice.
 */
import type { Position } from '../source/source.ts';
import { Ages, type Clocks } from './ages.ts';
import { digest } from './digest.ts';
import { openFile, PLACE, type Order } from './file.ts';
import { History, type Happened, type HistoryBounds } from './history.ts';
import { HistoryReader } from './history-reader.ts';
import type { Backoff, Dropped, NewResult, Result } from './result.ts';
import { Report } from './report.ts';
import { Statements } from './statements.ts';

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
  readonly denials: number;
  readonly happened: Happened;
  readonly alerts: number;
  /** How many of the denials a rule says to ignore. */
  readonly ignored: number;
  /** Ids of the inbox that were taken. */
  readonly inbox: readonly number[];
}

/** Longest row of the fold that is loaded, characters: it writes none that are so long. */
const LONGEST_FOLD = 1 << 20;

const ENDLESS: HistoryBounds = { keep: Infinity, clients: Infinity };

export interface QueueOptions extends Clocks {
  readonly bounds: Bounds;
  /** Of the history, for the one process that writes it. */
  readonly history?: HistoryBounds;
}

export class Queue {
  readonly path: string;
  readonly report: Report;
  readonly history: HistoryReader;
  readonly #sql: Statements;
  readonly #history: History;
  readonly #bounds: Bounds;
  readonly #now: () => number;
  readonly #ages: Ages;
  #waiting: number;

  /**
   * Opens the queue file, and makes it where there is none.
   * @param path `:memory:` for one that leaves no trace
   * @throws QueueError
   */
  constructor(path: string, options: QueueOptions) {
    this.path = path;
    this.#bounds = options.bounds;
    this.#now = options.now ?? Date.now;
    this.#sql = new Statements(openFile(path));
    this.#ages = new Ages(this.#sql, options);
    this.report = new Report(this.#sql);
    this.history = new HistoryReader(this.#sql);
    this.#history = new History(this.#sql, options.history ?? ENDLESS);
    this.#waiting = this.#count();
  }

  /** Stores a batch whole or not at all. Gives what had to be dropped for want of room. */
  store(batch: Batch): Dropped {
    return this.#transaction(() => {
      for (const { stream, position, carry } of batch.positions) {
        this.#sql.run(
          'INSERT OR REPLACE INTO position (stream, place, carry) VALUES (?, ?, ?)',
          stream,
          JSON.stringify(position),
          JSON.stringify(carry ?? null),
        );
      }
      for (const [key, value] of batch.folds) {
        if (value === null) this.#sql.run('DELETE FROM fold WHERE key = ?', key);
        else this.#sql.run('INSERT OR REPLACE INTO fold (key, value) VALUES (?, ?)', key, value);
      }
      for (const id of batch.inbox) this.#sql.run('DELETE FROM inbox WHERE id = ?', id);
      this.#history.add(batch.happened, this.#now());
      this.#add('denials', batch.denials);
      this.#add('ignored', batch.ignored);
      for (const { why, count } of batch.happened.unseen)
        this.#add(why === 'max-startups' ? 'unseenConnections' : 'unseenMessages', count);
      this.#add('alerts', batch.alerts);
      if (batch.alerts > 0) this.#set('lastAlert', this.#now());
      return this.#put(batch.results);
    });
  }

  /** Puts results in the queue that come from elsewhere than the log (the verb send). */
  put(results: readonly NewResult[]): Dropped {
    return this.#transaction(() => this.#put(results));
  }

  /** Puts results that take the place of the ones that this put here before and still wait. */
  replace(results: readonly NewResult[]): Dropped {
    return this.#transaction(() => {
      for (const { monitor, service, value } of results) {
        const sql = 'DELETE FROM result WHERE monitor = ? AND service = ? AND value = ?';
        this.#waiting -= this.#sql.run(sql, monitor, service, value);
      }
      return this.#put(results);
    });
  }

  /**
   * Puts results that are due once there was no alert for `quiet` ms; they are due again after the
   * next alert. Gives whether they were put.
   */
  afterQuiet(quiet: number, results: readonly NewResult[]): boolean {
    const { lastAlert = 0 } = this.report.totals();
    if (lastAlert === 0 || this.#now() - lastAlert < quiet) return false;
    this.#transaction(() => {
      this.#set('lastAlert', 0);
      this.#put(results);
    });
    return true;
  }

  /** Leaves a denial for the agent to fold and tell (the verb denied). */
  leave(denial: unknown): void {
    this.#sql.run('INSERT INTO inbox (denial) VALUES (?)', JSON.stringify(denial));
  }

  /** Denials that were left, oldest first. */
  inbox(limit: number): { id: number; denial: unknown }[] {
    const rows = this.#sql.all<{ id: number; denial: string }>(
      'SELECT id, denial FROM inbox ORDER BY id LIMIT ?',
      limit,
    );
    return rows.map(({ id, denial }) => ({ id, denial: JSON.parse(denial) as unknown }));
  }

  /** Whether another process has changed the file since the last call. */
  changedByOthers(): () => boolean {
    const version = () => this.#sql.number('PRAGMA data_version');
    let seen = version();
    return () => {
      try {
        const now = version();
        if (now === seen) return false;
        this.#waiting = this.#count();
        seen = now;
      } catch {
        // It cannot be read now: whoever looks into it next finds out, and tries again.
      }
      return true;
    };
  }

  position(stream: string): { position: Position; carry: unknown } | undefined {
    const [row] = this.#sql.all<{ place: string; carry: string }>(
      'SELECT place, carry FROM position WHERE stream = ?',
      stream,
    );
    if (row === undefined) return undefined;
    return { position: JSON.parse(row.place) as Position, carry: JSON.parse(row.carry) as unknown };
  }

  /** The rows of the fold; null in place of one that is too long to be loaded. */
  *folds(): Generator<[key: string, value: string | null]> {
    const rows = this.#sql.each<{ key: string; value: string | null }>(
      'SELECT key, iif(length(value) <= ?, value, NULL) AS value FROM fold',
      LONGEST_FOLD,
    );
    for (const { key, value } of rows) yield [key, value];
  }

  /** Results that wait for a monitor and have a place behind `after`, in order. */
  waiting(monitor: string, after: number, limit: number, order: Order = 'oldest'): Result[] {
    const place = PLACE[order];
    return this.#sql.all<Result>(
      `SELECT id, ${place} AS place, at, host, service, state, output, attempts FROM result
       WHERE monitor = ? AND ${place} > ? AND refused IS NULL ORDER BY ${place} LIMIT ?`,
      monitor,
      after,
      limit,
    );
  }

  delivered(monitor: string, ids: readonly number[]): void {
    this.#transaction(() => {
      for (const id of ids) this.#waiting -= this.#sql.run('DELETE FROM result WHERE id = ?', id);
      this.#sql.run(
        `INSERT INTO monitor (name, delivered, last) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET delivered = delivered + excluded.delivered, last = excluded.last`,
        monitor,
        ids.length,
        this.#now(),
      );
    });
    this.#sql.giveBack();
  }

  /**
   * Has what waited for longer than `age` ms told in one digest for each host and service.
   * @returns how many results that were
   */
  digest(monitor: string, age: number): number {
    const now = this.#now();
    const [oldest] = this.#sql.all<{ queued: number }>(
      'SELECT queued FROM result WHERE monitor = ? AND refused IS NULL ORDER BY id LIMIT 1',
      monitor,
    );
    if (oldest === undefined || oldest.queued >= now - age) return 0;
    return this.#transaction(() => {
      const digested = digest(this.#sql, monitor, now - age, now);
      this.#waiting = this.#count();
      this.#add('digested', digested);
      return digested;
    });
  }

  failed(ids: readonly number[]): void {
    this.#transaction(() => {
      for (const id of ids)
        this.#sql.run('UPDATE result SET attempts = attempts + 1 WHERE id = ?', id);
    });
  }

  setAside(id: number, reason: string): void {
    this.#sql.run('UPDATE result SET refused = ? WHERE id = ?', reason, id);
  }

  backoff(monitor: string): Backoff {
    const [row] = this.#sql.all<Backoff>(
      'SELECT failures, next, kind, message FROM monitor WHERE name = ?',
      monitor,
    );
    return row ?? { failures: 0, next: 0, kind: null, message: null };
  }

  saveBackoff(monitor: string, { failures, next, kind, message }: Backoff): void {
    this.#sql.run(
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
      this.#sql.run('UPDATE result SET monitor = ? WHERE monitor = ?', to, from);
      this.#sql.run('DELETE FROM monitor WHERE name = ?', from);
    });
  }

  close(): void {
    this.#sql.close();
  }

  #put(results: readonly NewResult[]): Dropped {
    const now = this.#now();
    for (const { monitor, at, host, service, state, output, subject, denials, value } of results) {
      this.#sql.run(
        `INSERT INTO result
           (monitor, at, host, service, state, output, subject, denials, value, queued)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        monitor,
        at,
        host,
        service,
        state,
        output,
        subject ?? null,
        denials,
        value,
        now,
      );
    }
    this.#waiting += results.length;
    return results.length === 0 ? { results: 0, denials: 0 } : this.#makeRoom(now);
  }

  /** Drops what is too old; then has the history, then what is worth least, make room for the rest. */
  #makeRoom(now: number): Dropped {
    const dropped = { results: 0, denials: 0 };
    const { keep } = this.#bounds;
    if (this.#ages.isDue(now)) this.#drop(dropped, 'WHERE queued < ?', now - keep);
    const cheapest = 'WHERE id IN (SELECT id FROM result ORDER BY value, id LIMIT ?)';
    const over = this.#waiting - this.#bounds.results;
    if (over > 0) this.#drop(dropped, cheapest, over);
    while (this.#waiting > 0 && this.#sql.used() > this.#bounds.size) {
      if (this.#history.shrink()) continue;
      this.#drop(dropped, cheapest, Math.ceil(this.#waiting / 50));
    }
    this.#add('droppedResults', dropped.results);
    this.#add('droppedDenials', dropped.denials);
    return dropped;
  }

  #drop(dropped: { results: number; denials: number }, where: string, value: number): void {
    const rows = this.#sql.all<{ denials: number }>(
      `DELETE FROM result ${where} RETURNING denials`,
      value,
    );
    this.#waiting -= rows.length;
    dropped.results += rows.length;
    dropped.denials += rows.reduce((sum, { denials }) => sum + denials, 0);
  }

  #count(): number {
    return this.#sql.number('SELECT count(*) FROM result');
  }

  /** Our count of results stays right when a transaction fails. */
  #transaction<T>(work: () => T): T {
    const waiting = this.#waiting;
    try {
      return this.#sql.transaction(work);
    } catch (error) {
      this.#waiting = waiting;
      this.#history.forget();
      throw error;
    }
  }

  #set(name: string, value: number): void {
    this.#sql.run('INSERT OR REPLACE INTO total VALUES (?, ?)', name, value);
  }

  #add(name: string, value: number): void {
    if (value === 0) return;
    this.#sql.run(
      'INSERT INTO total VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value',
      name,
      value,
    );
  }
}
