/** Reads the history of a period. */
import type { UnseenReason } from '../parse/unseen.ts';
import { hourOf, type HistoryEvent } from './history.ts';
import type { Statements } from './statements.ts';

/** From `since` (ms since 1970) to before `until`; of one logging host, or of all (null). */
export interface Period {
  readonly since: number;
  readonly until: number;
  readonly host: string | null;
}

/** Denials in a unit of time that begins at `at`, ms since 1970. */
export interface Count {
  readonly at: number;
  readonly denials: number;
}

/** Denials with the same client, network, daemon or host. */
export interface Group {
  readonly name: string;
  readonly denials: number;
  /** How many clients in it have their own row. */
  readonly clients: number;
  readonly daemons: number;
  readonly hosts: number;
  /** Beginning of the first hour and of the last, ms since 1970. */
  readonly first: number;
  readonly last: number;
}

/** Minimum counts of what no log shows. */
export interface Unseen {
  /** Connections that sshd dropped before it asked libwrap. */
  readonly connections: number;
  /** Log messages that a logging daemon discarded: there may be refusals among them. */
  readonly messages: number;
}

/** Denials of one client on one host. */
export interface Pair {
  readonly host: string;
  readonly client: string;
  readonly denials: number;
}

/** All denials together; only clients, daemons and hosts with their own rows are counted. */
export interface All {
  readonly denials: number;
  readonly clients: number;
  readonly daemons: number;
  readonly hosts: number;
  /** Denials of clients without their own row. */
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

  /** When the first hour begins, ms since 1970; null if nothing was ever refused. */
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

  /** Minutes with denials on all hosts, the oldest first; the last 24 hours are kept. */
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

  /** The clients refused most, or the daemons or hosts that refused most; only with own rows. */
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

  /** @param networkOf returns the network of a client, null if it is not known */
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
   * Denials for each pair of a host and a client that has any.
   * @param hosts, clients the pairs to look for
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

  /** Minimum counts of what no log shows in the period; its first and last hour count whole. */
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

  /** Rows after a given one, the oldest first, at most `limit`. */
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
