/** Sends several requests at a time, and keeps the order of each host's and service's results. */
import type { CheckResult } from '../../result/check-result.ts';

/**
 * Handles results one after the other for each host and service, and a limited number at a time in
 * total. After a failure, or when `enough` aborts, nothing more is begun. What is under way is
 * waited for, because its verdict may still come; then the first failure is thrown.
 */
export async function inLanes<R extends CheckResult>(
  results: readonly R[],
  { lanes, enough }: { readonly lanes: number; readonly enough: AbortSignal },
  deal: (result: R) => Promise<void>,
): Promise<void> {
  const queues = Map.groupBy(results, ({ host, service }) => `${host}\0${service}`).values();
  const failures: unknown[] = [];
  const work = async () => {
    for (const queue of queues) {
      for (const result of queue) {
        if (failures.length > 0 || enough.aborted) return;
        try {
          await deal(result);
        } catch (error) {
          failures.push(error);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
  if (failures.length > 0) throw failures[0];
}
