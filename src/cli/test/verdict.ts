import type { ListedResult, MonitorRow, NewResult } from '../../queue/result.ts';
import type { CheckResult } from '../../result/check-result.ts';

/** A result from a person is more important than alerts: a full queue drops it last. */
const VALUE = 2;

/** What became of a result for one monitor. */
export interface Verdict {
  readonly monitor: string;
  readonly host: string;
  readonly service: string;
  /** Why it was not taken; null if it was. */
  readonly problem: string | null;
}

/** Each result for each monitor. */
export function resultsToPut(
  results: readonly CheckResult[],
  monitors: readonly string[],
): NewResult[] {
  return monitors.flatMap((monitor) =>
    results.map((one) => ({ ...one, monitor, denials: 0, value: VALUE })),
  );
}

/**
 * The verdicts on results that were put in a queue.
 * @param left those of them that are still there
 * @param rows the monitors in the queue
 */
export function verdictsOf(
  put: readonly NewResult[],
  left: readonly ListedResult[],
  rows: readonly MonitorRow[],
): Verdict[] {
  return put.map(({ monitor, host, service }) => {
    const one = left.find(
      (it) => it.monitor === monitor && it.host === host && it.service === service,
    );
    const row = rows.find(({ name }) => name === monitor);
    return { monitor, host, service, problem: one === undefined ? null : problem(one, row) };
  });
}

function problem({ refused }: ListedResult, row: MonitorRow | undefined): string {
  if (refused !== null) return `refused: ${refused}`;
  return `not taken: ${row?.message ?? 'no answer came in time; denywatch status shows what waits before it'}`;
}
