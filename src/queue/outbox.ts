/** The results that wait for one monitor, as its delivery sees them. */
import type { QueueConfig } from './config.ts';
import { digest } from './digest.ts';
import { countOutcome, type Counted } from './outcomes.ts';
import type { Backoff, Result } from './result.ts';
import { add, type Room } from './room.ts';
import { PLACE } from './schema.ts';
import type { Statements } from './statements.ts';

/** A delivery's view of the queue: the results that wait for one monitor. All synchronous. */
export interface Outbox {
  /** The first waiting results whose place is after `after` (-Infinity: all), at most `limit`. */
  waiting(after: number, limit: number): Result[];
  /** Makes a digest of results that waited too long, and returns their number. */
  digest(): number;
  /** Takes these out of the queue, in one transaction. */
  delivered(ids: readonly number[]): void;
  /** Counts one more attempt for each of these. */
  failed(ids: readonly number[]): void;
  /** Keeps the result out of delivery until someone retries or drops it. */
  setAside(id: number, reason: string): void;
  backoff(): Backoff;
  saveBackoff(backoff: Backoff): void;
}

/** A monitor's reason is cut to this many characters: the monitor chooses its length. */
const REASON = 255;

export type OutboxSettings = Partial<Pick<QueueConfig, 'order' | 'digestAfter'>>;

export interface OutboxOptions extends Required<OutboxSettings> {
  readonly monitor: string;
  readonly now: () => number;
}

/** The part of the queue file that belongs to one monitor. */
export class FileOutbox implements Outbox {
  readonly #sql: Statements;
  readonly #room: Room;
  readonly #options: OutboxOptions;

  constructor(sql: Statements, room: Room, options: OutboxOptions) {
    this.#sql = sql;
    this.#room = room;
    this.#options = options;
  }

  waiting(after: number, limit: number): Result[] {
    const { monitor, order } = this.#options;
    const place = PLACE[order];
    return this.#sql.all<Result>(
      `SELECT id, ${place} AS place, at, host, service, state, output, attempts FROM result
       WHERE monitor = ? AND ${place} > ? AND refused IS NULL ORDER BY ${place} LIMIT ?`,
      monitor,
      after,
      limit,
    );
  }

  digest(): number {
    const { monitor, digestAfter, now } = this.#options;
    if (digestAfter === null) return 0;
    const before = now() - digestAfter;
    const [oldest] = this.#sql.all<{ queued: number }>(
      'SELECT queued FROM result WHERE monitor = ? AND refused IS NULL ORDER BY id LIMIT 1',
      monitor,
    );
    if (oldest === undefined || oldest.queued >= before) return 0;
    return this.#change(() => {
      const digested = digest(this.#sql, monitor, before, now());
      add(this.#sql, 'digested', digested);
      return digested;
    });
  }

  delivered(ids: readonly number[]): void {
    const { monitor, now } = this.#options;
    this.#change(() => {
      const sql = 'DELETE FROM result WHERE id = ? RETURNING monitor, at, denials';
      const gone = ids.flatMap((id) => this.#sql.all<Counted>(sql, id));
      countOutcome(this.#sql, 'delivered', gone);
      this.#sql.run(
        `INSERT INTO monitor (name, delivered, last) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET delivered = delivered + excluded.delivered, last = excluded.last`,
        monitor,
        gone.length,
        now(),
      );
    });
    try {
      this.#sql.giveBack();
    } catch {
      // What was delivered is recorded. This is tried again with the next.
    }
  }

  failed(ids: readonly number[]): void {
    this.#change(() => {
      for (const id of ids)
        this.#sql.run('UPDATE result SET attempts = attempts + 1 WHERE id = ?', id);
    });
  }

  setAside(id: number, reason: string): void {
    this.#change(() => {
      const sql = 'UPDATE result SET refused = ? WHERE id = ?';
      this.#sql.run(sql, reason.slice(0, REASON), id);
      this.#room.make(this.#options.now());
    });
  }

  backoff(): Backoff {
    const [row] = this.#sql.all<Backoff>(
      'SELECT failures, next, kind, message FROM monitor WHERE name = ?',
      this.#options.monitor,
    );
    return row ?? { failures: 0, next: 0, kind: null, message: null };
  }

  saveBackoff({ failures, next, kind, message }: Backoff): void {
    this.#change(() =>
      this.#sql.run(
        `INSERT INTO monitor (name, failures, next, kind, message) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET failures = excluded.failures, next = excluded.next,
           kind = excluded.kind, message = excluded.message`,
        this.#options.monitor,
        failures,
        next,
        kind,
        message?.slice(0, REASON) ?? null,
      ),
    );
  }

  #change<T>(work: () => T): T {
    this.#room.mustHaveLog(2);
    return this.#sql.transaction(work);
  }
}
