/**
 * The history: how many denials there were in each hour, by host, daemon and client, and in each
 * minute of the last day; and which scans and storms.
 *
 * It is bounded. An hour tells so many clients apart; when there are more, the half that came least
 * is counted together, as the others of their host and daemon, and of those that are new then one
 * in 16 gets a row of its own: who comes often gets one soon, and a crowd that comes once costs no
 * row each. Whatever is folded, the sum of an hour stays exact.
 */
import type { Statements } from './statements.ts';

export interface HistoryBounds {
  /** How long it is kept, ms. */
  readonly keep: number;
  /** Most clients that an hour tells apart, and most hosts and daemons whose others it does. */
  readonly clients: number;
}

/** A scan or a storm, as it was told. */
export interface HistoryEvent {
  /** ms since 1970 */
  readonly at: number;
  readonly kind: 'scan' | 'storm';
  /** The logging host; null for several. */
  readonly host: string | null;
  /** Safe to show. */
  readonly text: string;
  readonly denials: number;
}

/** What one transaction adds. */
export interface Happened {
  /** Denials by the beginning of their minute, ms since 1970. */
  readonly minutes: ReadonlyMap<number, number>;
  /** Denials by `historyKey`. */
  readonly clients: ReadonlyMap<string, number>;
  readonly events: readonly HistoryEvent[];
}

export const HOUR = 3_600_000;
const MINUTE = 60_000;
/** How long minutes are told apart, ms. */
const KEEP_MINUTES = 24 * HOUR;
/** Most scans and storms that are kept; the oldest go first. */
const EVENTS = 10_000;
/** Of how many hours it is kept in memory which rows they have. */
const CACHED = 8;

/** The rows of an hour. */
interface Rows {
  readonly clients: Set<string>;
  /** What is counted together: rows without a client. */
  readonly others: Set<string>;
}

/**
 * What denials are counted under.
 * @param at ms since 1970
 * @param host, daemon, client names without a newline; short and safe, for they are kept as they are
 */
export function historyKey(at: number, host: string, daemon: string, client: string): string {
  return `${at - (at % HOUR)}\n${host}\n${daemon}\n${client}`;
}

/** The beginning of a time's minute, ms since 1970. */
export function minuteOf(at: number): number {
  return at - (at % MINUTE);
}

const ADD = `INSERT INTO history (hour, host, daemon, client, denials) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET denials = denials + excluded.denials`;

export class History {
  readonly #sql: Statements;
  readonly #bounds: HistoryBounds;
  readonly #hours = new Map<number, Rows>();
  #nextAgeing = 0;
  #lot = 0;

  constructor(sql: Statements, bounds: HistoryBounds) {
    this.#sql = sql;
    this.#bounds = bounds;
  }

  /** Counts what happened. To be called in a transaction. */
  add({ minutes, clients, events }: Happened, now: number): void {
    this.#age(now);
    for (const [minute, denials] of minutes) {
      if (minute < now - KEEP_MINUTES) continue;
      this.#sql.run(
        'INSERT INTO minute VALUES (?, ?) ON CONFLICT DO UPDATE SET denials = denials + excluded.denials',
        minute,
        denials,
      );
    }
    const others = new Map<string, number>();
    for (const [key, denials] of clients) {
      const hour = Number.parseInt(key, 10);
      if (hour < now - this.#bounds.keep) continue;
      const row = this.#rowOf(key, hour);
      if (row === key) this.#add(row, denials);
      else others.set(row, (others.get(row) ?? 0) + denials);
    }
    for (const [row, denials] of others) this.#add(row, denials);
    for (const { at, kind, host, text, denials } of events) {
      const sql = 'INSERT INTO event (at, kind, host, text, denials) VALUES (?, ?, ?, ?, ?)';
      this.#sql.run(sql, at, kind, host, text, denials);
    }
    if (events.length > 0)
      this.#sql.run('DELETE FROM event WHERE id <= (SELECT max(id) FROM event) - ?', EVENTS);
  }

  /** Forgets what it knows of the rows: the transaction that made them has failed. */
  forget(): void {
    this.#hours.clear();
  }

  /**
   * Makes room: the clients of the oldest hours that tell any apart, a day of them, are counted
   * together. To be called in a transaction.
   * @returns false where there is none left
   */
  shrink(): boolean {
    const oldest = this.#sql.all<{ hour: number }>(
      "SELECT DISTINCT hour FROM history WHERE client <> '' ORDER BY hour LIMIT 24",
    );
    for (const { hour } of oldest) this.#foldLeast(hour, this.#rowsOf(hour), -1);
    return oldest.length > 0;
  }

  #add(row: string, denials: number): void {
    const [hour, host = '', daemon = '', client = ''] = row.split('\n');
    this.#sql.run(ADD, Number(hour), host, daemon, client, denials);
  }

  /** The row that a key is counted in: its own, or one that it shares. */
  #rowOf(key: string, hour: number): string {
    const rows = this.#rowsOf(hour);
    if (rows.clients.has(key)) return key;
    if (rows.clients.size >= this.#bounds.clients) {
      if (!this.#drawn()) return this.#othersOf(key, rows);
      this.#foldLeast(hour, rows, Math.ceil(this.#bounds.clients / 2));
    }
    rows.clients.add(key);
    return key;
  }

  #othersOf(key: string, { others }: Rows): string {
    const row = key.slice(0, key.lastIndexOf('\n') + 1);
    if (!others.has(row) && others.size >= this.#bounds.clients)
      return `${Number.parseInt(key, 10)}\n\n\n`;
    others.add(row);
    return row;
  }

  /** One in 16, by chance, but always the same. */
  #drawn(): boolean {
    this.#lot = (Math.imul(this.#lot, 1_664_525) + 1_013_904_223) | 0;
    return this.#lot >>> 28 === 0;
  }

  /** Counts those of an hour's clients that came least as others: so many of them, -1: all. */
  #foldLeast(hour: number, rows: Rows, limit: number): void {
    const least = this.#sql.all<{ host: string; daemon: string; client: string; denials: number }>(
      `DELETE FROM history WHERE (hour, host, daemon, client) IN (
         SELECT hour, host, daemon, client FROM history WHERE hour = ? AND client <> ''
         ORDER BY denials, client LIMIT ?)
       RETURNING host, daemon, client, denials`,
      hour,
      limit,
    );
    for (const { host, daemon, client, denials } of least) {
      const key = historyKey(hour, host, daemon, client);
      rows.clients.delete(key);
      this.#add(this.#othersOf(key, rows), denials);
    }
  }

  #rowsOf(hour: number): Rows {
    let rows = this.#hours.get(hour);
    if (rows === undefined) {
      rows = { clients: new Set(), others: new Set() };
      const known = this.#sql.all<{ host: string; daemon: string; client: string }>(
        'SELECT host, daemon, client FROM history WHERE hour = ?',
        hour,
      );
      for (const { host, daemon, client } of known) {
        const set = client === '' ? rows.others : rows.clients;
        set.add(historyKey(hour, host, daemon, client));
      }
      const [eldest] = this.#hours.keys();
      if (eldest !== undefined && this.#hours.size >= CACHED) this.#hours.delete(eldest);
      this.#hours.set(hour, rows);
    }
    return rows;
  }

  #age(now: number): void {
    if (now < this.#nextAgeing) return;
    this.#nextAgeing = now + HOUR;
    this.#sql.run('DELETE FROM minute WHERE minute < ?', now - KEEP_MINUTES);
    if (this.#bounds.keep === Infinity) return;
    this.#sql.run('DELETE FROM history WHERE hour < ?', now - this.#bounds.keep);
    this.#sql.run('DELETE FROM event WHERE at < ?', now - this.#bounds.keep);
  }
}
