/**
 * A running agent's life between its start and its end: signals, a configuration that changes, and
 * what systemd and `status` are told. Reloading stops the agent and starts it anew in the same
 * process: all that it must not forget is in the queue file, so not a line is lost between the two.
 */
import { statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { watch } from 'chokidar';
import type { Logger } from 'pino';
import about from '../../package.json' with { type: 'json' };
import type { Agent } from './agent.ts';
import type { Config } from './config.ts';
import { ConfigError } from '../config/error.ts';
import { serveState } from '../host/control.ts';
import { openMetrics } from '../host/metrics.ts';
import { notifier } from '../host/notify.ts';
import { feedWatchdog } from '../host/watchdog.ts';
import { CONTENT_TYPE, metricsText } from './metrics.ts';

/** How long an open session with a monitor may take to end well, ms. */
export const GRACE = 1500;
/** An editor writes a file in several steps: the configuration is read when it was quiet so long, ms. */
const SETTLE = 300;

/** How soon an agent is started again that could not be, ms. */
const START_AGAIN = 2_000;
/** How long the process may take to end by itself once all is let go, ms. */
const EXIT = 500;
/** How soon systemd is told of a change, ms. */
const TELL_AFTER = 10_000;

/** How an agent is made. */
export interface Service {
  readonly log: Logger;
  /** The configuration file. */
  readonly path: string;
  /** Reads it anew; throws ConfigError. */
  readonly load: () => Config;
  readonly start: (config: Config, onChange?: () => void) => Agent;
}

/** Runs an agent until a signal ends it. Gives the exit status. */
export async function supervise(
  { log, path, load, start }: Service,
  first: Config,
  options: { control: boolean },
): Promise<number> {
  let config = first;
  const notify = notifier(process.env, log);
  let telling: NodeJS.Timeout | undefined;
  const tellLater = () => (telling ??= setTimeout(tell, TELL_AFTER).unref());
  const ending = new AbortController();
  let agent = start(config, tellLater);
  let running = true;
  let unfeed = feedWatchdog(notify, agent.stages, log);
  const control = options.control
    ? serveState(config.queue.path, () => agent.state(), log)
    : undefined;
  let metrics = measure();
  tell();
  notify.ready();

  // One change at a time: a reload that is asked for during another follows it.
  let busy = Promise.resolve();
  const reload = () => void (busy = busy.then(change));
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(path, { ignoreInitial: true })
    .on('all', () => {
      clearTimeout(timer);
      timer = setTimeout(reload, SETTLE);
    })
    .on('error', (err) => log.warn({ err }, 'cannot watch the configuration: reload it by SIGHUP'));
  process.on('SIGHUP', reload);
  const signal = await asked();
  ending.abort();
  log.info(`ending on ${signal}`);
  notify.stopping();
  process.off('SIGHUP', reload);
  clearTimeout(timer);
  await watcher.close();
  await busy;
  clearTimeout(telling);
  await metrics.close();
  unfeed();
  if (running) await agent.stop(GRACE);
  control?.close();
  log.info('ended; what is not delivered yet waits in the queue');
  endSoon(signal);
  return 0;

  async function change(): Promise<void> {
    notify.reloading();
    const next = readNext();
    if (next !== undefined && !isDeepStrictEqual(next, config)) {
      await metrics.close();
      unfeed();
      await agent.stop(GRACE);
      running = false;
      try {
        agent = start(next, tellLater);
        config = next;
        log.info('loaded the configuration anew');
      } catch (err) {
        log.error(
          { err },
          'cannot run with the new configuration, going on with the old one; mend it, denywatch check helps',
        );
        const old = await startOld();
        if (old === null) return;
        agent = old;
      }
      running = true;
      unfeed = feedWatchdog(notify, agent.stages, log);
      metrics = measure();
    }
    // Whoever reloads has mended something, here or there.
    agent.retry();
    tell();
    notify.ready();
  }

  /** It ran a moment ago: what keeps it from running is the disk's, and passes. Null at the end. */
  async function startOld(): Promise<Agent | null> {
    for (let tries = 0; !ending.signal.aborted; tries++) {
      try {
        return start(config, tellLater);
      } catch (err) {
        if (tries === 0) log.error({ err }, 'cannot run with the old one either, trying on');
      }
      await pause(START_AGAIN, undefined, { signal: ending.signal }).catch(() => {});
    }
    return null;
  }

  function tell(): void {
    telling = undefined;
    notify.status(statusLine(agent));
    metrics.write();
  }

  function measure() {
    const outlets = options.control ? config.metrics : { file: null, listen: null };
    const text = () => metricsText(agent.snapshot(), processNow(config.queue.path));
    return openMetrics(outlets, text, CONTENT_TYPE, log);
  }

  function readNext(): Config | undefined {
    try {
      const next = load();
      if (next.queue.path === config.queue.path) return next;
      log.error(
        'queue.path cannot change while the agent runs: restart it; going on with the old configuration',
      );
    } catch (error) {
      for (const line of (error as Error).message.split('\n')) log.error(line);
      log.error(
        'the new configuration is not used, going on with the old one; it is read again once it is mended',
      );
      if (!(error instanceof ConfigError))
        log.debug({ err: error }, 'reading the configuration failed');
    }
    return undefined;
  }
}

function processNow(queuePath: string) {
  const { user, system } = process.cpuUsage();
  return {
    version: about.version,
    node: process.versions.node,
    resident: process.memoryUsage.rss(),
    cpu: (user + system) / 1e6,
    queueSize: statSync(queuePath, { throwIfNoEntry: false })?.size ?? 0,
  };
}

/** What `systemctl status` shows. */
function statusLine(agent: Agent): string {
  const { denials, streams } = agent.state();
  const behind = streams.reduce((sum, stream) => sum + (stream.behind ?? 0), 0);
  const unread = streams.filter(({ problem }) => problem !== null).length;
  const trouble = unread === 0 ? '' : `, ${unread} of ${streams.length} sources cannot be read`;
  return `${denials} denials since the start; ${waitingLine(agent)}; ${behind} bytes behind${trouble}`;
}

function waitingLine(agent: Agent): string {
  try {
    const { results, oldest } = agent.waiting();
    const age = oldest === null ? '' : ` for up to ${Math.round((Date.now() - oldest) / 1000)} s`;
    return `${results} results waiting${age}`;
  } catch {
    return 'the queue cannot be read'; // Whoever needs it says so in the log.
  }
}

/**
 * Ends the process by the signal that asked for it, should something hold it: a look-up of a name
 * cannot be cancelled, and holds it for as long as a name server does not answer.
 */
function endSoon(signal: NodeJS.Signals): void {
  const end = () => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  };
  setTimeout(end, EXIT).unref();
}

/** Waits for the first signal to end. The second one ends the process at once. */
async function asked(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first = true;
    const end = (signal: NodeJS.Signals) => {
      if (!first) process.exit(1);
      first = false;
      resolve(signal);
    };
    process.on('SIGTERM', end).on('SIGINT', end);
  });
}
