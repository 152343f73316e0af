import type { Logger } from 'pino';
import type { Queue } from '../queue/queue.ts';
import { counted } from '../text/amounts.ts';

/**
 * Handles results that wait for a monitor which is no longer configured. If one monitor is gone and
 * one is new, it is the same one under a new address. Otherwise they are kept, with a warning.
 */
export function adoptResults(queue: Queue, names: readonly string[], log: Logger): void {
  const known = queue.overview.monitors();
  const orphans = known.filter(({ name, waiting }) => waiting > 0 && !names.includes(name));
  const fresh = names.filter((name) => !known.some((row) => row.name === name));
  const [orphan, heir] = [orphans[0], fresh[0]];
  if (orphan !== undefined && heir !== undefined && orphans.length === 1 && fresh.length === 1) {
    queue.renameMonitor(orphan.name, heir);
    log.info(`${counted(orphan.waiting, 'result')} waiting for ${orphan.name}: now for ${heir}`);
    return;
  }
  for (const { name, waiting } of orphans) {
    log.warn(
      `${counted(waiting, 'result')} waiting for ${name}, which is not configured: add it under monitors again, or drop them`,
    );
  }
}
