/**
 * What becomes of the results that report denials, by the hour of the alert and by monitor. Each of
 * them is queued once, and then waits, is set aside, or has one of the other outcomes. So for each
 * hour and monitor what was queued is what has an outcome and what is still in the queue: `verify`
 * checks that. Each count changes in the transaction that changes the result.
 */
import { HOUR, hourOf } from './history.ts';
import type { Statements } from './statements.ts';

/**
 * Dropped: to keep the bounds of the queue. Removed: by the verb queue. Digested: replaced by a
 * digest, which was queued for all of them.
 */
export type Outcome = 'queued' | 'delivered' | 'digested' | 'dropped' | 'removed';

/** How long outcomes are kept, ms: few logs are kept longer. */
const KEEP = 35 * 24 * HOUR;

/** A result, as far as it is counted. */
export interface Counted {
  readonly monitor: string;
  readonly at: number;
  readonly denials: number;
}

const ADD =
  'ON CONFLICT DO UPDATE SET results = results + excluded.results, denials = denials + excluded.denials';

/** Counts results with this outcome. To be called in a transaction. */
export function countOutcome(sql: Statements, what: Outcome, results: readonly Counted[]): void {
  const counts = new Map<string, { hour: number; monitor: string; results: number; sum: number }>();
  for (const { monitor, at, denials } of results) {
    if (denials === 0) continue;
    const hour = hourOf(at);
    const key = `${hour} ${monitor}`;
    const count = counts.get(key) ?? { hour, monitor, results: 0, sum: 0 };
    counts.set(key, { hour, monitor, results: count.results + 1, sum: count.sum + denials });
  }
  for (const { hour, monitor, results: rows, sum } of counts.values())
    sql.run(`INSERT INTO outcome VALUES (?, ?, ?, ?, ?) ${ADD}`, hour, monitor, what, rows, sum);
}

/**
 * The same for the rows of `result` that a condition selects.
 * @param where SQL, with a placeholder for each of the values
 */
export function countOutcomeOf(
  sql: Statements,
  what: Outcome,
  where: string,
  ...values: (string | number)[]
): void {
  sql.run(
    `INSERT INTO outcome SELECT at - at % ${HOUR}, monitor, ?, count(*), sum(denials)
       FROM result WHERE denials > 0 AND ${where} GROUP BY 1, 2 ${ADD}`,
    what,
    ...values,
  );
}

/** Counts denials that a rule ignores, under no monitor. To be called in a transaction. */
export function countIgnored(sql: Statements, denials: number, now: number): void {
  if (denials === 0) return;
  const add = `INSERT INTO outcome VALUES (?, '', 'ignored', 0, ?) ${ADD}`;
  sql.run(add, hourOf(now), denials);
}

/** Counts what was of one monitor as another's. To be called in a transaction. */
export function renameOutcomes(sql: Statements, from: string, to: string): void {
  sql.run(
    `INSERT INTO outcome SELECT hour, ?, what, results, denials FROM outcome WHERE monitor = ? ${ADD}`,
    to,
    from,
  );
  sql.run('DELETE FROM outcome WHERE monitor = ?', from);
}

/**
 * Deletes what is too old, all of an hour and monitor at once: none of their results is left in the
 * queue. To be called in a transaction.
 */
export function ageOutcomes(sql: Statements, now: number): void {
  sql.run(
    `DELETE FROM outcome WHERE hour < ? AND (hour, monitor) NOT IN
       (SELECT at - at % ${HOUR}, monitor FROM result WHERE denials > 0)`,
    now - KEEP,
  );
}
