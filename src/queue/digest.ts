/** One result in place of many that waited too long to be worth sending one by one. */
import { isoSeconds } from '../text/times.ts';
import type { State } from '../result/check-result.ts';
import { countOutcome, countOutcomeOf } from './outcomes.ts';
import type { Statements } from './statements.ts';
import { counted } from '../text/amounts.ts';

/** Up to this many are still delivered one by one. */
const FEW = 10;
/** Most subjects that a digest names. */
const MOST = 3;
/** A digest reports more than any other result: it is dropped last and put in no other digest. */
const VALUE = 2;

/** Alerts that have waited for a monitor since before a time, except those set aside. */
const OLD = `monitor = ? AND queued < ? AND refused IS NULL AND denials > 0 AND value < ${VALUE}`;
/** Orders states by severity: unknown is less severe than critical. */
const WORST = 'max(CASE state WHEN 2 THEN 3 WHEN 3 THEN 2 ELSE state END)';

interface Group {
  readonly id: number;
  readonly host: string;
  readonly service: string;
  readonly worst: State;
  readonly results: number;
  readonly denials: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Replaces all results that have waited since before `before` with one for each host and service,
 * in the place of the oldest. To be called in a transaction.
 * @returns how many results were put in digests
 */
export function digest(sql: Statements, monitor: string, before: number, now: number): number {
  const groups = sql.all<Group>(
    `SELECT min(id) AS id, host, service, ${WORST} AS worst, count(*) AS results,
       sum(denials) AS denials, min(at) AS first, max(at) AS last
     FROM result WHERE ${OLD} GROUP BY host, service HAVING count(*) > ${FEW}`,
    monitor,
    before,
  );
  for (const group of groups) {
    const { id, host, service, worst, denials } = group;
    const state = worst === 3 ? 2 : worst === 2 ? 3 : worst;
    const output = text(group, most(sql, monitor, before, group));
    const mine = `${OLD} AND host = ? AND service = ?`;
    countOutcomeOf(sql, 'digested', mine, monitor, before, host, service);
    countOutcome(sql, 'queued', [{ monitor, at: now, denials }]);
    sql.run(
      `UPDATE result SET at = ?, queued = ?, state = ?, output = ?, denials = ?, attempts = 0,
         value = ${VALUE} WHERE id = ?`,
      now,
      now,
      state,
      output,
      denials,
      id,
    );
    sql.run(`DELETE FROM result WHERE ${mine}`, monitor, before, host, service);
  }
  return groups.reduce((sum, { results }) => sum + results, 0);
}

/** The subjects with the most denials. */
function most(
  sql: Statements,
  monitor: string,
  before: number,
  { host, service }: Group,
): string[] {
  const rows = sql.all<{ what: string; denials: number }>(
    `SELECT coalesce(subject, output) AS what, sum(denials) AS denials
     FROM result WHERE ${OLD} AND host = ? AND service = ?
     GROUP BY what HAVING sum(denials) > 1 ORDER BY sum(denials) DESC, what LIMIT ${MOST}`,
    monitor,
    before,
    host,
    service,
  );
  return rows.map(({ what, denials }) => `${what} ×${denials}`);
}

function text({ results, denials, first, last }: Group, names: readonly string[]): string {
  const time = `between ${isoSeconds(first)} and ${isoSeconds(last)}`;
  const list = names.length === 0 ? '' : ` (most: ${names.join(', ')})`;
  return `Digest: denied ${counted(denials, 'connection')} ${time}, in ${counted(results, 'alert')} that waited${list}`;
}
