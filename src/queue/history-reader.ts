/** What the history has of a period. */
import type { UnseenReason } from '../parse/unseen.ts';
import { hourOf, type HistoryEvent } from './history.ts';
import type { Statements } from './statements.ts';

/** From `since` (ms since 1970) to before `until`; of one logging host, null: of all. */
export interface Period {
  readonly since: number;
  readonly until: number;
  readonly host: string | null;
}

/** Denials of a time that begins at `at`, ms since 1970. */
export interface Count {
  readonly at: number;
  readonly denials: number;
}

/** What denials have in common. */
export interface Group {
  readonly name: string;
  readonly denials: number;
  /** How many clients have a row of their own in it. */
  readonly clients: number;
  readonly daemons: number;
  readonly hosts: number;
  /** Beginning of the first hour and of the last, ms since 1970. */
  readonly first: number;
  readonly last: number;
}

/** What nobody could see, at least. */
export interface Unseen {
  /** Connections that sshd dropped before it asked libwrap. */
  readonly connections: number;
  /** Log messages that a logging daemon threw away: there may be refusals among them. */
  readonly messages: number;
}

/** Denials of one client on one host. */
export interface Pair {
  readonly host: string;
  readonly client: string;
  readonly denials: number;
}

/** All denials together; clients, daemons and hosts as far as they have rows of their own. */
export interface All {
  readonly denials: number;
  readonly clients: number;
  readonly daemons: number;
  readonly hosts: number;
  /** Denials whose client has no row of its own. */
  readonly others: number;
}

/** One row of the history. */
export interface Refused {
  readonly hour: number;
  readonly host: string;
  readonly daemon: string;
  readonly client: string;
  readonly denials: number;
}

const WITHIN = 'hour >= ? AND hour < ? AND host = coalesce(?, host)';
const EVENTS_WITHIN = 'at >= ? AND at < ? AND (? IS NULL OR host = ?3)';
const AS_COUNTED =
  "count(DISTINCT nullif(client, '')) AS clients, count(DISTINCT nullif(daemon, '')) AS daemons, " +
  "count(DISTINCT nullif(host, '')) AS hosts";

const GROUPED = `sum(denials) AS denials, ${AS_COUNTED}, min(hour) AS first, max(hour) AS last`;

export class HistoryReader {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  /** When the first hour of all begins, ms since 1970; null where nothing was ever refused. */
  begin(): number | null {
    const [row] = this.#sql.all<{ begin: number | null }>('SELECT min(hour) AS begin FROM history');
    return row?.begin ?? null;
  }

  /** Hours with denials, the oldest first. */
  perHour({ since, until, host }: Period): Count[] {
    return this.#sql.all<Count>(
      `SELECT hour AS at, sum(denials) AS denials FROM history WHERE ${WITHIN}
       GROUP BY hour ORDER BY hour`,
      since,
      until,
      host,
    );
  }

  /** Minutes with denials on all hosts, the oldest first; those of the last 24 hours are kept. */
  perMinute(since: number, until: number): Count[] {
    return this.#sql.all<Count>(
      'SELECT minute AS at, denials FROM minute WHERE minute >= ? AND minute < ? ORDER BY minute',
      since,
      until,
    );
  }

  /** All denials of the period together. */
  all({ since, until, host }: Period): All {
    const [row] = this.#sql.all<All>(
      `SELECT coalesce(sum(denials), 0) AS denials, ${AS_COUNTED},
         coalesce(sum(iif(client = '', denials, 0)), 0) AS others
       FROM history WHERE ${WITHIN}`,
      since,
      until,
      host,
    );
    return row!;
  }

  /** Those that were refused most, or that refused most; what has no row of its own is in none. */
  most(by: 'client' | 'daemon' | 'host', { since, until, host }: Period, limit: number): Group[] {
    return this.#sql.all<Group>(
      `SELECT ${by} AS name, ${GROUPED} FROM history WHERE ${WITHIN} AND ${by} <> ''
       GROUP BY ${by} ORDER BY denials DESC, name LIMIT ?`,
      since,
      until,
      host,
      limit,
    );
  }

  /** @param networkOf gives the network of a client, null where it is not known */
  networks(
    networkOf: (client: string) => string | null,
    { since, until, host }: Period,
    limit: number,
  ): { groups: Group[]; count: number } {
    this.#sql.define('network_of', networkOf);
    const groups = this.#sql.all<Group & { count: number }>(
      `WITH located AS MATERIALIZED
         (SELECT network_of(client) AS name, * FROM history WHERE ${WITHIN} AND client <> '')
       SELECT name, ${GROUPED}, count(*) OVER () AS count FROM located WHERE name IS NOT NULL
       GROUP BY name ORDER BY denials DESC, name LIMIT ?`,
      since,
      until,
      host,
      limit,
    );
    return { groups, count: groups[0]?.count ?? 0 };
  }

  /**
   * Denials of pairs of a host and a client, those that have any.
   * @param hosts, clients which pairs are asked for
   */
  pairs(
    hosts: readonly string[],
    clients: readonly string[],
    { since, until, host }: Period,
  ): Pair[] {
    return this.#sql.all<Pair>(
      `SELECT host, client, sum(denials) AS denials FROM history WHERE ${WITHIN}
         AND host IN (SELECT value FROM json_each(?)) AND client IN (SELECT value FROM json_each(?))
       GROUP BY host, client`,
      since,
      until,
      host,
      JSON.stringify(hosts),
      JSON.stringify(clients),
    );
  }

  /** Scans, sweeps and storms, the newest first, and how many there are. */
  events(
    { since, until, host }: Period,
    limit: number,
  ): { newest: HistoryEvent[]; scans: number; sweeps: number; storms: number } {
    const [row] = this.#sql.all<{ scans: number; sweeps: number; storms: number }>(
      `SELECT count(*) FILTER (WHERE kind = 'scan') AS scans,
         count(*) FILTER (WHERE kind = 'sweep') AS sweeps,
         count(*) FILTER (WHERE kind = 'storm') AS storms FROM event WHERE ${EVENTS_WITHIN}`,
      since,
      until,
      host,
    );
    const newest = this.#sql.all<HistoryEvent>(
      `SELECT at, kind, host, text, denials FROM event WHERE ${EVENTS_WITHIN}
       ORDER BY at DESC, id DESC LIMIT ?`,
      since,
      until,
      host,
      limit,
    );
    return { newest, ...row! };
  }

  /** What nobody could see in the period, at least; its first and last hour count whole. */
  unseen({ since, until, host }: Period): Unseen {
    const [row] = this.#sql.all<Unseen>(
      `SELECT coalesce(sum(count) FILTER (WHERE why = ?1), 0) AS connections,
         coalesce(sum(count) FILTER (WHERE why <> ?1), 0) AS messages
       FROM unseen WHERE hour >= ?2 AND hour < ?3 AND host = coalesce(?4, host)`,
      'max-startups' satisfies UnseenReason,
      hourOf(since),
      until,
      host,
    );
    return row!;
  }

  /** Rows behind one, the oldest first, at most `limit`. */
  rows({ since, until, host }: Period, after: Refused | null, limit: number): Refused[] {
    return this.#sql.all<Refused>(
      `SELECT hour, host, daemon, client, denials FROM history
       WHERE ${WITHIN} AND (hour, host, daemon, client) > (?, ?, ?, ?)
       ORDER BY hour, host, daemon, client LIMIT ?`,
      since,
      until,
      host,
      after?.hour ?? -1,
      after?.host ?? '',
      after?.daemon ?? '',
      after?.client ?? '',
      limit,
    );
  }
}
