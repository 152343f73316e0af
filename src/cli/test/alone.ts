/** Delivers test results without the agent: from a queue in memory, by the agent's own delivery. */
import type { Config } from '../../agent/config.ts';
import { startDelivery } from '../../delivery/delivery.ts';
import { openLog } from '../../host/log.ts';
import { openMonitors } from '../../monitor/kinds.ts';
import { NO_FILE } from '../../queue/file.ts';
import { Queue } from '../../queue/queue.ts';
import type { CheckResult } from '../../result/check-result.ts';
import { resultsToPut, verdictsOf, type Verdict } from './verdict.ts';

/** How long a session that is open at the end may take to finish, ms. */
const GRACE = 1500;

/** Delivers results to the monitors in one attempt, and returns the verdicts. */
export async function deliverAlone(
  { monitors, deliver, pace, queue: bounds }: Config,
  results: readonly CheckResult[],
): Promise<Verdict[]> {
  const opened = openMonitors({ monitors, deliver });
  const queue = new Queue(NO_FILE, { bounds });
  const put = resultsToPut(
    results,
    opened.map(({ name }) => name),
  );
  queue.put(put);
  // The verdicts say what is wrong.
  const log = openLog({ level: 'silent' });
  const deliveries = opened.map((monitor) =>
    startDelivery(monitor, queue.outbox(monitor.name), { pace, log }),
  );
  try {
    await Promise.all(deliveries.map((delivery) => delivery.settled()));
    const { overview } = queue;
    return verdictsOf(put, overview.all(), overview.monitors());
  } finally {
    await Promise.all(deliveries.map((delivery) => delivery.stop(GRACE)));
    queue.close();
  }
}
