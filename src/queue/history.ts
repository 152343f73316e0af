/**
 * The history: denials in each hour by host, daemon and client, and in each minute of the last day;
 * scans, sweeps and storms; and how much no log shows.
 *
 * It is bounded. An hour has a limited number of rows for clients. When it is reached, the half of
 * the clients with the fewest denials is counted together, as the others of their host and daemon.
 * From then on one in 16 new clients gets its own row, and half as many each time the limit is
 * reached again: a frequent client soon gets one, and a crowd that comes once costs next to
 * nothing. The sum of an hour stays exact.
 */
import type { UnseenReason } from '../parse/unseen.ts';
import type { Statements } from './statements.ts';

export interface HistoryBounds {
  /** How long the history is kept, ms. */
  readonly keep: number;
  /** Most rows in an hour for clients, and for the others of a host and daemon. */
  readonly clients: number;
}

/** A scan, a sweep or a storm, as it was reported. */
export interface HistoryEvent {
  /** ms since 1970 */
  readonly at: number;
  readonly kind: 'scan' | 'sweep' | 'storm';
  /** The logging host; null for several. */
  readonly host: string | null;
  /** Safe to show. */
  readonly text: string;
  readonly denials: number;
}

/** Connections or log messages of an hour that no log shows. */
export interface UnseenCount {
  /** The beginning of the hour, ms since 1970. */
  readonly hour: number;
  /** Names, short and safe; '' if they are not known. */
  readonly host: string;
  readonly program: string;
  readonly why: UnseenReason;
  /** The smallest number that is certain. */
  readonly count: number;
}

type Groups = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** What one transaction adds to the history. */
export interface Happened {
  /** Denials by the beginning of their minute, ms since 1970. */
  readonly minutes: ReadonlyMap<number, number>;
  /** Denials by `groupKey` and by client: names, short and safe, stored as they are. */
  readonly groups: Groups;
  /** How many of them another process brought, in the same form. */
  readonly brought: Groups;
  readonly events: readonly HistoryEvent[];
  readonly unseen: readonly UnseenCount[];
}

export const HOUR = 3_600_000;
const MINUTE = 60_000;
/** How long minutes are kept, ms. */
const KEEP_MINUTES = 24 * HOUR;
/** Most scans and storms that are kept; the oldest are dropped first. */
const EVENTS = 10_000;
/** One in 16, to begin with. */
const ODDS = 4;
/** For how many hours the known rows are kept in memory, and how many rows in total. */
const CACHED = 8;
const CACHED_ROWS = 100_000;

/** The rows of an hour. */
interface Rows {
  /** Clients that have a row, by group, and their number. */
  readonly clients: Map<string, Set<string>>;
  size: number;
  /** Groups that have a row for the others. */
  readonly others: Set<string>;
  /** One in 2 to the power of this of the new clients gets a row once the limit was reached. */
  odds: number;
}

/**
 * Hour, logging host and daemon as one text.
 * @param at ms since 1970
 * @param host, daemon names without a newline, '' if not known; stored as they are
 */
export function groupKey(at: number, host: string, daemon: string): string {
  return `${hourOf(at)}\n${host}\n${daemon}`;
}

/** The daemon of a `groupKey`. */
export function daemonOf(key: string): string {
  return key.split('\n')[2] ?? '';
}

/** The beginning of the hour of a time, ms since 1970: the history counts by hours. */
export function hourOf(at: number): number {
  return at - (((at % HOUR) + HOUR) % HOUR);
}

/** The beginning of the minute of a time, ms since 1970. */
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
  add({ minutes, groups, brought, events, unseen }: Happened, now: number): void {
    this.#age(now);
    for (const [minute, denials] of minutes) {
      if (minute < now - KEEP_MINUTES) continue;
      this.#sql.run(
        'INSERT INTO minute VALUES (?, ?) ON CONFLICT DO UPDATE SET denials = denials + excluded.denials',
        minute,
        denials,
      );
    }
    for (const [group, clients] of groups) {
      const hour = Number.parseInt(group, 10);
      if (hour >= now - this.#bounds.keep) this.#addGroup(group, clients, this.#rowsOf(hour));
    }
    for (const [group, clients] of brought)
      for (const [client, denials] of clients) this.#addBrought(group, client, denials);
    for (const one of unseen) if (one.hour >= now - this.#bounds.keep) this.#addUnseen(one);
    this.#addEvents(events);
  }

  /** As many rows in an hour as for clients; the rest of it is counted together. */
  #addBrought(group: string, client: string, denials: number): void {
    const [hour, ...names] = [...group.split('\n'), client];
    const [row] = this.#sql.all<{ rows: number }>(
      'SELECT count(*) AS rows FROM brought WHERE hour = ?',
      Number(hour),
    );
    const [host = '', daemon = '', of = ''] =
      (row?.rows ?? 0) < this.#bounds.clients ? names : ['', '', ''];
    this.#sql.run(
      `INSERT INTO brought VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET denials = denials + excluded.denials`,
      Number(hour),
      host,
      daemon,
      of,
      denials,
    );
  }

  #addEvents(events: readonly HistoryEvent[]): void {
    for (const { at, kind, host, text, denials } of events) {
      const sql = 'INSERT INTO event (at, kind, host, text, denials) VALUES (?, ?, ?, ?, ?)';
      this.#sql.run(sql, at, kind, host, text, denials);
    }
    if (events.length > 0)
      this.#sql.run('DELETE FROM event WHERE id <= (SELECT max(id) FROM event) - ?', EVENTS);
  }

  /** There may be many foreign names: those of an hour that exceed the limit are counted as one. */
  #addUnseen({ hour, host, program, why, count }: UnseenCount): void {
    const [row] = this.#sql.all<{ rows: number }>(
      'SELECT count(*) AS rows FROM unseen WHERE hour = ?',
      hour,
    );
    const [on, of] = (row?.rows ?? 0) < this.#bounds.clients ? [host, program] : ['', ''];
    this.#sql.run(
      `INSERT INTO unseen VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count`,
      hour,
      on,
      of,
      why,
      count,
    );
  }

  /** Forgets the known rows: the transaction that made them has failed. */
  forget(): void {
    this.#hours.clear();
  }

  /**
   * Makes room: counts together the clients of the oldest 24 hours that have rows for clients. To
   * be called in a transaction.
   * @returns false if there is no such hour
   */
  shrink(): boolean {
    const oldest = this.#sql.all<{ hour: number }>(
      "SELECT DISTINCT hour FROM history WHERE client <> '' ORDER BY hour LIMIT 24",
    );
    for (const { hour } of oldest) this.#foldLeast(hour, this.#rowsOf(hour), -1);
    return oldest.length > 0;
  }

  #addGroup(group: string, clients: ReadonlyMap<string, number>, rows: Rows): void {
    let others = 0;
    for (const [client, denials] of clients) {
      if (this.#hasRow(group, client, rows)) this.#add(group, client, denials);
      else others += denials;
    }
    if (others > 0) this.#addOthers(group, others, rows);
  }

  #addOthers(group: string, denials: number, { others }: Rows): void {
    const known = others.has(group) || others.size < this.#bounds.clients;
    if (known) others.add(group);
    this.#add(known ? group : groupKey(Number.parseInt(group, 10), '', ''), '', denials);
  }

  #add(group: string, client: string, denials: number): void {
    const [hour, host = '', daemon = ''] = group.split('\n');
    this.#sql.run(ADD, Number(hour), host, daemon, client, denials);
  }

  /** Whether a client has its own row, at least from now on. */
  #hasRow(group: string, client: string, rows: Rows): boolean {
    if (rows.clients.get(group)?.has(client) === true) return true;
    if (rows.size >= this.#bounds.clients) {
      if (!this.#drawn(rows.odds)) return false;
      rows.odds = Math.min(rows.odds + 1, 31);
      this.#foldLeast(Number.parseInt(group, 10), rows, Math.ceil(this.#bounds.clients / 2));
    }
    note(rows, group, client);
    return true;
  }

  /** Random, but always the same for a client. */
  #drawn(odds: number): boolean {
    this.#lot = (Math.imul(this.#lot, 1_664_525) + 1_013_904_223) | 0;
    return this.#lot >>> (32 - odds) === 0;
  }

  /** Counts the `limit` clients of an hour with the fewest denials as others; -1: all of them. */
  #foldLeast(hour: number, rows: Rows, limit: number): void {
    const least = this.#sql.all<{ host: string; daemon: string; client: string; denials: number }>(
      `DELETE FROM history WHERE (hour, host, daemon, client) IN (
         SELECT hour, host, daemon, client FROM history WHERE hour = ? AND client <> ''
         ORDER BY denials, client LIMIT ?)
       RETURNING host, daemon, client, denials`,
      hour,
      limit,
    );
    const others = new Map<string, number>();
    for (const { host, daemon, client, denials } of least) {
      const group = groupKey(hour, host, daemon);
      if (rows.clients.get(group)?.delete(client) === true) rows.size--;
      others.set(group, (others.get(group) ?? 0) + denials);
    }
    for (const [group, denials] of others) this.#addOthers(group, denials, rows);
  }

  #rowsOf(hour: number): Rows {
    let rows = this.#hours.get(hour);
    if (rows === undefined) {
      rows = { clients: new Map(), size: 0, others: new Set(), odds: ODDS };
      const known = this.#sql.all<{ host: string; daemon: string; client: string }>(
        'SELECT host, daemon, client FROM history WHERE hour = ?',
        hour,
      );
      for (const { host, daemon, client } of known) {
        const group = groupKey(hour, host, daemon);
        if (client === '') rows.others.add(group);
        else note(rows, group, client);
      }
      this.#hours.set(hour, rows);
    }
    this.#forgetEldest(hour);
    return rows;
  }

  /** Keeps the known rows within their bounds, except those of one hour. */
  #forgetEldest(needed: number): void {
    let known = 0;
    for (const { size, others } of this.#hours.values()) known += size + others.size;
    for (const [hour, { size, others }] of this.#hours) {
      if (this.#hours.size <= CACHED && known <= CACHED_ROWS) return;
      if (hour === needed) continue;
      known -= size + others.size;
      this.#hours.delete(hour);
    }
  }

  #age(now: number): void {
    if (now < this.#nextAgeing) return;
    this.#nextAgeing = now + HOUR;
    this.#sql.run('DELETE FROM minute WHERE minute < ?', now - KEEP_MINUTES);
    if (this.#bounds.keep === Infinity) return;
    this.#sql.run('DELETE FROM history WHERE hour < ?', now - this.#bounds.keep);
    this.#sql.run('DELETE FROM brought WHERE hour < ?', now - this.#bounds.keep);
    this.#sql.run('DELETE FROM event WHERE at < ?', now - this.#bounds.keep);
    this.#sql.run('DELETE FROM unseen WHERE hour < ?', now - this.#bounds.keep);
  }
}

function note(rows: Rows, group: string, client: string): void {
  const clients = rows.clients.get(group);
  if (clients === undefined) rows.clients.set(group, new Set([client]));
  else clients.add(client);
  rows.size++;
}
