/**
 * Feeds systemd's watchdog (sd_watchdog_enabled(3)) while every stage moves. A stage that is stuck
 * lets it starve, and systemd starts the service anew.
 */
import type { Logger } from 'pino';
import type { Notifier } from './notify.ts';

/** Whether a stage is stuck. Asked once in each interval, so it may compare with the last time. */
export type IsStuck = () => boolean;

/** A stage is stuck that had work the last time too, and has moved nothing since. */
export function stuckWhen(hasWork: () => boolean, moved: () => number): IsStuck {
  let before: number | undefined;
  return () => {
    const now = hasWork() ? moved() : undefined;
    const stuck = now !== undefined && now === before;
    before = now;
    return stuck;
  };
}

/** How often to feed, milliseconds: half of WATCHDOG_USEC; undefined where nobody watches. */
export function watchdogInterval(env: NodeJS.ProcessEnv = process.env): number | undefined {
  const pid = env['WATCHDOG_PID'];
  if (pid !== undefined && pid !== `${process.pid}`) return undefined;
  const limit = Number(env['WATCHDOG_USEC']);
  return limit > 0 ? limit / 2000 : undefined;
}

/**
 * Starts to feed, at once and then in each interval in which no stage is stuck.
 * @param stages each stage by its name in the log
 * @returns a function that ends it
 */
export function feedWatchdog(
  notify: Pick<Notifier, 'watchdog'>,
  stages: Readonly<Record<string, IsStuck>>,
  log: Logger,
  interval: number | undefined = watchdogInterval(),
): () => void {
  if (interval === undefined) return () => {};
  let told = '';
  const feed = () => {
    const names = Object.keys(stages).filter((name) => stages[name]?.());
    const stuck = names.join(', ');
    if (stuck === '') notify.watchdog();
    else if (stuck !== told)
      log.error(`nothing moves in ${stuck}: if that lasts, systemd will start the service anew`);
    told = stuck;
  };
  feed();
  const timer = setInterval(feed, interval);
  return () => clearInterval(timer);
}
