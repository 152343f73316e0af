/**
 * A running agent's life between its start and its end: signals, a configuration that changes, and
 * what systemd and `status` are told. Reloading stops the agent and starts it anew in the same
 * process: all that it must not forget is in the queue file, so not a line is lost between the two.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { watch } from 'chokidar';
import type { Logger } from 'pino';
import { serveState } from '../host/control.ts';
import { openMetrics, type MetricsOutlet } from '../host/metrics.ts';
import { notifier, type Notifier } from '../host/notify.ts';
import { feedWatchdog } from '../host/watchdog.ts';
import type { Agent } from './agent.ts';
import type { Config } from './config.ts';
import { CONTENT_TYPE, metricsText } from './metrics.ts';
import { processFigures } from './process.ts';
import { readNext } from './reload.ts';
import { endSoon, forgetSignals, signalToEnd } from './signals.ts';
import { statusLine } from './status-line.ts';

/** How long an open session with a monitor may take to end well, ms. */
export const GRACE = 1500;
/** An editor writes a file in several steps: the configuration is read when it was quiet so long, ms. */
const SETTLE = 300;
/** How soon an agent is started again that could not be, ms. */
const START_AGAIN = 2_000;
/** How soon systemd is told of a change, and the metrics are written, ms. */
const REPORT_AFTER = 10_000;

/** How an agent is made. */
export interface Service {
  readonly log: Logger;
  /** The configuration file. */
  readonly path: string;
  /** Reads it anew; throws ConfigError. */
  readonly load: () => Config;
  readonly start: (config: Config, onChange?: () => void) => Agent;
  /** Whether to answer `status`, and to publish metrics: a dry run does not. */
  readonly control: boolean;
}

/** Runs an agent until a signal ends it. Gives the exit status. */
export function supervise(service: Service, first: Config): Promise<number> {
  return new Supervisor(service, first).run();
}

/** The agent that runs now, and what goes with it: all of it ends and begins with a reload. */
interface Running {
  readonly config: Config;
  readonly agent: Agent;
  readonly metrics: MetricsOutlet;
  readonly stopFeeding: () => void;
}

class Supervisor {
  readonly #service: Service;
  readonly #notify: Notifier;
  readonly #ending = new AbortController();
  /** Null while no agent can be started, after a reload that failed. */
  #running: Running | null;
  /** One change at a time: a reload that is asked for during another one follows it. */
  #changes: Promise<void> = Promise.resolve();
  #settling: NodeJS.Timeout | undefined;
  #reporting: NodeJS.Timeout | undefined;
  /** Why the file that is there now is not the configuration that runs. */
  #refused: string | null = null;

  constructor(service: Service, first: Config) {
    this.#service = service;
    this.#notify = notifier(process.env, service.log);
    this.#running = this.#start(first);
  }

  async run(): Promise<number> {
    const { log, path, control } = this.#service;
    forgetSignals();
    const queue = this.#running!.config.queue.path;
    const server = control
      ? serveState(queue, () => this.#running?.agent.state() ?? {}, log)
      : undefined;
    this.#report();
    this.#notify.ready();
    const watcher = watch(path, { ignoreInitial: true })
      .on('all', () => this.#settle())
      .on('error', (err) =>
        log.warn({ err }, 'cannot watch the configuration: reload it by SIGHUP'),
      );
    const reload = () => this.#reload();
    process.on('SIGHUP', reload);
    const signal = await signalToEnd();
    this.#ending.abort();
    log.info(`ending on ${signal}`);
    this.#notify.stopping();
    process.off('SIGHUP', reload);
    clearTimeout(this.#settling);
    await watcher.close();
    await this.#changes;
    clearTimeout(this.#reporting);
    await this.#stop();
    server?.close();
    log.info('ended; what is not delivered yet waits in the queue');
    endSoon(signal);
    return 0;
  }

  #start(config: Config): Running {
    const { log, start, control } = this.#service;
    const agent = start(config, () => this.#reportLater());
    const outlets = control ? config.metrics : { file: null, listen: null };
    const text = () => metricsText(agent.snapshot(), processFigures(config.queue.path));
    return {
      config,
      agent,
      metrics: openMetrics(outlets, text, CONTENT_TYPE, log),
      stopFeeding: feedWatchdog(this.#notify, agent.stages, log),
    };
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    await running.metrics.close();
    running.stopFeeding();
    await running.agent.stop(GRACE);
  }

  #settle(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#reload(), SETTLE);
  }

  #reload(): void {
    this.#changes = this.#changes.then(() => this.#change());
  }

  async #change(): Promise<void> {
    const { config: old } = this.#running ?? {};
    if (old === undefined) return;
    this.#notify.reloading();
    const next = readNext(this.#service, old);
    this.#refused = typeof next === 'string' ? next : null;
    if (typeof next !== 'string' && !isDeepStrictEqual(next, old)) await this.#replace(old, next);
    if (this.#running === null) return;
    // Whoever reloads has mended something, here or there.
    this.#running.agent.retry();
    this.#report();
    this.#notify.ready();
  }

  async #replace(old: Config, next: Config): Promise<void> {
    const { log } = this.#service;
    await this.#stop();
    try {
      this.#running = this.#start(next);
      log.info('loaded the configuration anew');
    } catch (err) {
      log.error(
        { err },
        'cannot run with the new configuration, going on with the old one; mend it, denywatch check helps',
      );
      this.#refused = 'the agent cannot run with the new one';
      this.#running = await this.#startAgain(old);
    }
  }

  /** It ran a moment ago: what keeps it from running is the disk's, and passes. Null at the end. */
  async #startAgain(config: Config): Promise<Running | null> {
    for (let tries = 0; !this.#ending.signal.aborted; tries++) {
      try {
        return this.#start(config);
      } catch (err) {
        if (tries === 0)
          this.#service.log.error({ err }, 'cannot run with the old one either, trying on');
      }
      await pause(START_AGAIN, undefined, { signal: this.#ending.signal }).catch(() => {});
    }
    return null;
  }

  #reportLater(): void {
    this.#reporting ??= setTimeout(() => this.#report(), REPORT_AFTER).unref();
  }

  #report(): void {
    this.#reporting = undefined;
    if (this.#running === null) return;
    this.#notify.status(statusLine(this.#running.agent, this.#refused));
    this.#running.metrics.write();
  }
}
