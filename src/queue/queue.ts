/**
 * The queue file, for a process that changes it. One transaction stores what was read from a source
 * together with the position behind it, so that a crash at any moment neither loses a denial nor
 * counts one twice.
 */
import type { Position } from '../source/source.ts';
import type { Clocks } from './ages.ts';
import { NO_FILE, openFile } from './file.ts';
import { History, type Happened, type HistoryBounds } from './history.ts';
import { HistoryReader } from './history-reader.ts';
import { Inbox } from './inbox.ts';
import { FileOutbox, type Outbox, type OutboxSettings } from './outbox.ts';
import { countIgnored, countOutcome, countOutcomeOf, renameOutcomes } from './outcomes.ts';
import { Overview } from './overview.ts';
import type { Dropped, NewResult } from './result.ts';
import { add, Room, type Bounds } from './room.ts';
import { Statements } from './statements.ts';

/** How far a stream was read. */
export interface StoredPosition {
  readonly stream: string;
  readonly position: Position;
  readonly carry: unknown;
  /** Bytes that were read up to there; only the first time that the stream is stored. */
  readonly first?: number;
}

/** What one transaction stores. */
export interface Batch {
  readonly positions: readonly StoredPosition[];
  readonly folds: readonly (readonly [key: string, value: string | null])[];
  readonly results: readonly NewResult[];
  readonly denials: number;
  readonly happened: Happened;
  readonly alerts: number;
  /** How many denials the alerts report. */
  readonly reported: number;
  /** How many of the denials a rule ignores. */
  readonly ignored: number;
  /** Ids of inbox rows that were taken. */
  readonly inbox: readonly number[];
}

/** Longest row of the fold that is loaded, characters: it writes no longer ones. */
const LONGEST_FOLD = 1 << 20;

/** No bounds: only the process that adds to the history has them. */
const ENDLESS: HistoryBounds = { keep: Infinity, clients: Infinity };

export interface QueueOptions extends Clocks {
  readonly bounds: Bounds;
  /** Of the history, for the one process that writes it. */
  readonly history?: HistoryBounds;
  /** How long a statement waits for that of another process, ms. */
  readonly patience?: number;
}

export class Queue {
  readonly path: string;
  readonly overview: Overview;
  readonly history: HistoryReader;
  readonly inbox: Inbox;
  readonly #sql: Statements;
  readonly #history: History;
  readonly #room: Room;
  readonly #now: () => number;

  /**
   * Opens the queue file, and creates it if there is none.
   * @param path `:memory:` for a queue without a file
   * @throws QueueError
   */
  constructor(path: string, options: QueueOptions) {
    const { bounds, history = ENDLESS, now = Date.now, patience } = options;
    this.path = path;
    this.#now = now;
    this.#sql = new Statements(() => {
      const db = openFile(path, patience);
      if (path !== NO_FILE) db.exec(Room.settings(bounds.size));
      return db;
    });
    this.#history = new History(this.#sql, history);
    this.#sql.onRollback(() => this.#history.forget());
    this.#room = new Room(path, this.#sql, this.#history, options);
    this.overview = new Overview(this.#sql);
    this.history = new HistoryReader(this.#sql);
    this.inbox = new Inbox(this.#sql, this.#room, { path, now });
  }

  /** The results that wait for one monitor. */
  outbox(monitor: string, { order = 'oldest', digestAfter = null }: OutboxSettings = {}): Outbox {
    return new FileOutbox(this.#sql, this.#room, { monitor, order, digestAfter, now: this.#now });
  }

  /** Stores a batch completely or not at all. Returns what had to be dropped to make room. */
  store(batch: Batch): Dropped {
    return this.#add(batch.results, () => {
      for (const position of batch.positions) this.#setPosition(position);
      for (const [key, value] of batch.folds) this.#setFold(key, value);
      for (const id of batch.inbox) this.#sql.run('DELETE FROM inbox WHERE id = ?', id);
      this.#history.add(batch.happened, this.#now());
      add(this.#sql, 'denials', batch.denials);
      add(this.#sql, 'ignored', batch.ignored);
      countIgnored(this.#sql, batch.ignored, this.#now());
      for (const { why, count } of batch.happened.unseen)
        add(this.#sql, why === 'max-startups' ? 'unseenConnections' : 'unseenMessages', count);
      add(this.#sql, 'alerts', batch.alerts);
      add(this.#sql, 'reported', batch.reported);
      if (batch.alerts > 0) this.#setLastAlert(this.#now());
    });
  }

  /** Puts results in the queue that do not come from a log (the verb send). */
  put(results: readonly NewResult[]): Dropped {
    return this.#add(results);
  }

  /** Puts results in place of those that an earlier call put here and that still wait. */
  replace(results: readonly NewResult[]): Dropped {
    return this.#add(results, () => {
      for (const { monitor, service, value } of results) {
        const sql = 'DELETE FROM result WHERE monitor = ? AND service = ? AND value = ?';
        this.#sql.run(sql, monitor, service, value);
      }
    });
  }

  /**
   * Puts results that are due once there was no alert for `quiet` ms; they are due again after the
   * next alert. Returns whether they were put.
   */
  afterQuiet(quiet: number, results: readonly NewResult[]): boolean {
    const { lastAlert = 0 } = this.overview.totals();
    if (lastAlert === 0 || this.#now() - lastAlert < quiet) return false;
    this.#add(results, () => this.#setLastAlert(0));
    return true;
  }

  /**
   * Takes what an older version has counted as reported, except what is open: it did not record
   * that.
   * @param open denials in open windows
   */
  beginReported(open: number): void {
    const { denials = 0, ignored = 0, reported } = this.overview.totals();
    if (reported !== undefined || denials === 0) return;
    this.#sql.transaction(() => add(this.#sql, 'reported', denials - ignored - open));
  }

  /** Returns a function that says whether another process changed the file since its last call. */
  changedByOthers(): () => boolean {
    let seen = this.#sql.version();
    return () => {
      try {
        const now = this.#sql.version();
        if (now === seen) return false;
        seen = now;
      } catch {
        // It cannot be read now: whoever reads it next finds out, and tries again.
      }
      return true;
    };
  }

  /** How far a stream was read; undefined if it never was. */
  position(stream: string): { position: Position; carry: unknown } | undefined {
    const [row] = this.#sql.all<{ place: string; carry: string }>(
      'SELECT place, carry FROM position WHERE stream = ?',
      stream,
    );
    if (row === undefined) return undefined;
    return { position: JSON.parse(row.place) as Position, carry: JSON.parse(row.carry) as unknown };
  }

  /**
   * Notes in the rows of streams that their files are gone; the next position of one deletes that.
   * Drops the rows of those that have been gone for `keep` ms.
   */
  gone(streams: Iterable<string>, now: number, keep: number): void {
    this.#sql.transaction(() => {
      for (const stream of streams)
        this.#sql.run(
          "UPDATE position SET carry = json_set(carry, '$.gone', ?) WHERE stream = ?",
          now,
          stream,
        );
      this.#sql.run("DELETE FROM position WHERE carry ->> '$.gone' < ?", now - keep);
      this.#sql.run('DELETE FROM first_position WHERE stream NOT IN (SELECT stream FROM position)');
    });
  }

  /** The file of a stream is there again. */
  back(stream: string): void {
    const sql = "UPDATE position SET carry = json_remove(carry, '$.gone') WHERE stream = ?";
    this.#sql.run(sql, stream);
  }

  /** The rows of the fold; null in place of one that is too long to be loaded. */
  *folds(): Generator<[key: string, value: string | null]> {
    const rows = this.#sql.each<{ key: string; value: string | null }>(
      'SELECT key, iif(length(value) <= ?, value, NULL) AS value FROM fold',
      LONGEST_FOLD,
    );
    for (const { key, value } of rows) yield [key, value];
  }

  /** Puts results that were set aside back for delivery, null: all of them. Returns how many. */
  retry(ids: readonly number[] | null): number {
    return this.#decide('UPDATE result SET refused = NULL WHERE refused IS NOT NULL', ids);
  }

  /** Removes results for good, null: all that were set aside. Returns how many. */
  discard(ids: readonly number[] | null): number {
    const which = ids === null ? 'refused NOTNULL' : 'true';
    return this.#decide(`DELETE FROM result WHERE ${which}`, ids, (id) =>
      id === null
        ? countOutcomeOf(this.#sql, 'removed', which)
        : countOutcomeOf(this.#sql, 'removed', 'id = ?', id),
    );
  }

  /** Moves the results and the state of one monitor to another name. */
  renameMonitor(from: string, to: string): void {
    this.#sql.transaction(() => {
      this.#sql.run('UPDATE result SET monitor = ? WHERE monitor = ?', to, from);
      this.#sql.run('DELETE FROM monitor WHERE name = ?', from);
      renameOutcomes(this.#sql, from, to);
    });
  }

  close(): void {
    this.#sql.close();
  }

  /** Puts results, after other work in the same transaction. */
  #add(results: readonly NewResult[], before: () => void = () => {}): Dropped {
    this.#room.mustHaveLog(1);
    return this.#sql.transaction(() => {
      before();
      const now = this.#now();
      for (const result of results) this.#insert(result, now);
      countOutcome(this.#sql, 'queued', results);
      return this.#room.make(now);
    });
  }

  #insert(result: NewResult, now: number): void {
    const { monitor, at, host, service, state, output, subject, denials, value } = result;
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

  #setPosition({ stream, position, carry, first }: StoredPosition): void {
    const place = JSON.stringify(position);
    this.#sql.run(
      'INSERT OR REPLACE INTO position (stream, place, carry) VALUES (?, ?, ?)',
      stream,
      place,
      JSON.stringify(carry ?? null),
    );
    if (first === undefined) return;
    const sql =
      'INSERT OR IGNORE INTO first_position (stream, at, place, bytes) VALUES (?, ?, ?, ?)';
    this.#sql.run(sql, stream, this.#now(), place, first);
  }

  #setFold(key: string, value: string | null): void {
    if (value === null) this.#sql.run('DELETE FROM fold WHERE key = ?', key);
    else
      this.#sql.run(
        'INSERT INTO fold (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
        key,
        value,
      );
  }

  #setLastAlert(at: number): void {
    this.#sql.run("INSERT OR REPLACE INTO total VALUES ('lastAlert', ?)", at);
  }

  /** @param before called before the row of each id changes, or before all of them (null) */
  #decide(
    sql: string,
    ids: readonly number[] | null,
    before: (id: number | null) => void = () => {},
  ): number {
    return this.#sql.transaction(() => {
      let done = 0;
      for (const id of ids ?? [null]) {
        before(id);
        done += id === null ? this.#sql.run(sql) : this.#sql.run(`${sql} AND id = ?`, id);
      }
      this.#room.make(this.#now());
      return done;
    });
  }
}
