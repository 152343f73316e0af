/**
 * Feeds systemd's watchdog (sd_watchdog_enabled(3)) while every stage makes progress. If a stage is
 * stuck, the watchdog starves and systemd restarts the service.
 */
import type { Logger } from 'pino';
import type { Notifier } from './notify.ts';

/** Whether a stage is stuck. Called once in each interval, so it may compare with the last call. */
export type IsStuck = () => boolean;

/** A stage is stuck if it had work the last time too and has made no progress since. */
export function stuckWhen(hasWork: () => boolean, moved: () => number): IsStuck {
  let before: number | undefined;
  return () => {
    const now = hasWork() ? moved() : undefined;
    const stuck = now !== undefined && now === before;
    before = now;
    return stuck;
  };
}

/** How often to feed, milliseconds: half of WATCHDOG_USEC; undefined if there is no watchdog. */
export function watchdogInterval(env: NodeJS.ProcessEnv = process.env): number | undefined {
  const pid = env['WATCHDOG_PID'];
  if (pid !== undefined && pid !== `${process.pid}`) return undefined;
  const limit = Number(env['WATCHDOG_USEC']);
  return limit > 0 ? limit / 2000 : undefined;
}

/**
 * Feeds at once, and then in each interval in which no stage is stuck.
 * @param stages each stage by its name in the log
 * @returns a function that stops feeding
 */
export function feedWatchdog(
  notify: Pick<Notifier, 'watchdog'>,
  stages: Readonly<Record<string, IsStuck>>,
  log: Logger,
  interval: number | undefined = watchdogInterval(),
): () => void {
  if (interval === undefined) return () => {};
  let logged = '';
  const feed = () => {
    const names = Object.keys(stages).filter((name) => stages[name]?.());
    const stuck = names.join(', ');
    if (stuck === '') notify.watchdog();
    else if (stuck !== logged)
      log.error(`no progress in ${stuck}: if that lasts, systemd restarts the service`);
    logged = stuck;
  };
  feed();
  const timer = setInterval(feed, interval);
  return () => clearInterval(timer);
}
