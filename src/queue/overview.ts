/** The contents and counters of the queue, for people. */
import type { ListedResult, MonitorRow } from './result.ts';
import type { Statements } from './statements.ts';

const list = (condition: string) =>
  `SELECT id, monitor, at, host, service, state, output, attempts, refused FROM result
   WHERE ${condition} ORDER BY id`;

export class Overview {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  /** Every result, waiting or set aside, in the order of delivery. */
  all(): ListedResult[] {
    return this.#sql.all<ListedResult>(list('true'));
  }

  /** Those of these results that wait or are set aside, in the order of delivery. */
  some(ids: readonly number[]): ListedResult[] {
    return this.#sql.all<ListedResult>(
      list('id IN (SELECT value FROM json_each(?))'),
      JSON.stringify(ids),
    );
  }

  /** Every monitor that has waiting or delivered results, with the state of its queue. */
  monitors(): MonitorRow[] {
    return this.#sql.all<MonitorRow>(
      `SELECT name, failures, next, kind, message, delivered, last,
         (SELECT count(*) FROM result WHERE monitor = name AND refused IS NULL) AS waiting,
         (SELECT count(*) FROM result WHERE monitor = name AND refused IS NOT NULL) AS setAside,
         (SELECT min(queued) FROM result WHERE monitor = name AND refused IS NULL) AS oldest
       FROM (SELECT name FROM monitor UNION SELECT DISTINCT monitor FROM result)
       LEFT JOIN monitor USING (name) ORDER BY name`,
    );
  }

  /**
   * How many results wait for any monitor, and since when the oldest has, ms since 1970. Heartbeats
   * (value below 0) don't count: one of them always waits.
   */
  waiting(): { results: number; oldest: number | null } {
    const [row] = this.#sql.all<{ results: number; oldest: number | null }>(
      'SELECT count(*) AS results, min(queued) AS oldest FROM result WHERE refused IS NULL AND value >= 0',
    );
    return row ?? { results: 0, oldest: null };
  }

  /**
   * Totals that only grow: denials, ignored (denials that a rule ignores), unseenConnections and
   * unseenMessages (see history.ts), alerts, digested (results sent in a digest), droppedResults,
   * droppedDenials; and lastAlert, ms since 1970.
   */
  totals(): Record<string, number> {
    const rows = this.#sql.all<{ name: string; value: number }>('SELECT name, value FROM total');
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  }
}
