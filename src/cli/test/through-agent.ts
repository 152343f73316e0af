/** Has the running agent deliver test results, and waits for the monitors' verdicts. */
import type { Answered } from '../../agent/state.ts';
import { hangUp } from '../../host/hang-up.ts';
import { ownerOf } from '../../host/owner.ts';
import { pause } from '../../host/pause.ts';
import { beforeTheEnd } from '../../host/process.ts';
import { changeQueue } from '../../queue/change.ts';
import type { QueueConfig } from '../../queue/config.ts';
import { askQueue } from '../../queue/reader.ts';
import type { NewResult } from '../../queue/result.ts';
import type { CheckResult } from '../../result/check-result.ts';
import { resultsToPut, verdictsOf, type Verdict } from './verdict.ts';

/** How long the verdicts may take, and how often the queue is read, ms. */
const [PATIENCE, EVERY] = [30_000, 200];
/** How many sessions may fail: the first one may have begun before the results were there. */
const FAILURES = 2;

/**
 * Puts each result in the queue for each monitor of the agent, and returns the verdicts. What was not
 * taken in time is removed from the queue again, also at a signal.
 * @param state the agent's answer on its socket
 */
export function throughAgent(
  bounds: QueueConfig,
  state: unknown,
  results: readonly CheckResult[],
): Promise<Verdict[]> {
  return beforeTheEnd((ending) => deliver(bounds, state, results, ending));
}

async function deliver(
  bounds: QueueConfig,
  state: unknown,
  results: readonly CheckResult[],
  ending: AbortSignal,
): Promise<Verdict[]> {
  const { pid, monitors = [] } = state as Answered;
  const { path } = bounds;
  const before = askQueue(path, ({ overview }) => overview.monitors());
  const failures = (name: string) => before.find((row) => row.name === name)?.failures ?? 0;
  const put = resultsToPut(
    results,
    monitors.map(({ name }) => name),
  );
  const ids = changeQueue(path, { bounds }, (queue) => {
    queue.put(put);
    return queue.overview.all().flatMap((one) => (isAmong(one, put) ? [one.id] : []));
  });
  // A monitor that failed before is tried now, and not at the end of its delay.
  if (before.some((row) => row.failures > 0)) hangUp(pid, ownerOf(path));
  const look = () =>
    askQueue(path, ({ overview }) => ({ left: overview.some(ids), rows: overview.monitors() }));
  const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE), ending]);
  try {
    for (;;) {
      const { left, rows } = look();
      const failing = new Set(
        rows.flatMap((row) => (row.failures >= failures(row.name) + FAILURES ? [row.name] : [])),
      );
      const isOver = left.every((one) => one.refused !== null || failing.has(one.monitor));
      if (isOver || signal.aborted) return verdictsOf(put, left, rows);
      await pause(EVERY, signal);
    }
  } finally {
    // What was not taken must not arrive later, or be set aside for good.
    changeQueue(path, { bounds }, (queue) => queue.discard(ids));
  }
}

function isAmong(one: Pick<CheckResult, 'at' | 'output'>, put: readonly NewResult[]): boolean {
  return put.some(({ at, output }) => at === one.at && output === one.output);
}
