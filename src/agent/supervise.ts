/**
 * Supervises a running agent: handles signals and changes of the configuration, and reports to
 * systemd and `status`. Reloading stops the agent and starts it again in the same process. All
 * state that must survive is in the queue file, so no line is lost in between.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { serveState } from '../host/control.ts';
import { openMetrics, type MetricsOutlet } from '../host/metrics.ts';
import { notifier, type Notifier } from '../host/notify.ts';
import { publishRunning } from '../host/running.ts';
import { feedWatchdog } from '../host/watchdog.ts';
import type { Agent } from './agent.ts';
import type { Config } from './config.ts';
import { CONTENT_TYPE, metricsText } from './metrics.ts';
import { processFigures, processState } from './process.ts';
import { monotonic, readNext, versionOf, type Reading } from './reload.ts';
import { endSoon, signalToEnd } from './signals.ts';
import type { Answered, ProcessState } from './state.ts';
import { statusLine } from './status-line.ts';

/** How long an open session with a monitor may take to finish, ms. */
export const GRACE = 1500;
/** How long the configuration must be unchanged before it is read, ms: editors write in steps. */
const SETTLE = 300;
/** How soon the agent is started again after it could not be, ms. */
const START_AGAIN = 2_000;
/** How soon a change is reported to systemd and written to the metrics, ms. */
const REPORT_AFTER = 10_000;

const RELOADED = 'reloaded the configuration';

type Outcome = Omit<Reading, 'at'>;

/** What is needed to run an agent. */
export interface Service {
  readonly log: Logger;
  /** The configuration file. */
  readonly path: string;
  /** Reads it again; throws ConfigError. */
  readonly load: () => Config;
  readonly start: (config: Config, onChange?: () => void) => Agent;
  /** Whether to answer `status`, and to publish metrics: a dry run does not. */
  readonly control: boolean;
}

/** The configuration to begin with, and the version of its file that it was read from. */
export interface First {
  readonly config: Config;
  readonly version: string;
}

/** Runs an agent until a signal ends it. Gives the exit status. */
export function supervise(service: Service, { config, version }: First): Promise<number> {
  return new Supervisor(service, config).run(version);
}

/** The running agent and what belongs to it: a reload stops and starts all of it. */
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
  /** Null while one agent takes the place of another, or none can be started. */
  #running: Running | null;
  /** What to answer meanwhile: the last state of the agent that was stopped. */
  #last: ProcessState = processState();
  /** One change at a time: a reload requested during another one follows it. */
  #changes: Promise<void> = Promise.resolve();
  #settling: NodeJS.Timeout | undefined;
  #reporting: NodeJS.Timeout | undefined;
  #reading: Reading = { at: monotonic(), outcome: 'loaded', reason: null };

  constructor(service: Service, first: Config) {
    this.#service = service;
    this.#notify = notifier(process.env, service.log);
    this.#running = this.#start(first);
    // From READY on it must not have its default action: systemd takes that for a proper end.
    process.on('SIGHUP', () => this.#reload());
  }

  /** @param version of the file that the agent was started with */
  async run(version: string): Promise<number> {
    const { log, path, control } = this.#service;
    const ending = signalToEnd();
    const queue = this.#running!.config.queue.path;
    const server = control ? serveState(queue, () => this.#state(), { log }) : undefined;
    const { pid } = process;
    const unpublish = control ? publishRunning({ pid, config: path, queue }, log) : undefined;
    this.#report();
    this.#notify.ready();
    // Only now, because loading it takes time; a change before the watch begins is noticed as well.
    const { watch } = await import('chokidar');
    const watcher = watch(path, { ignoreInitial: true })
      .on('all', () => this.#settle())
      // What changed before the watch began is not reported.
      .on('ready', () => versionOf(path) === version || this.#settle())
      .on('error', (err) =>
        log.warn({ err }, 'cannot watch the configuration: reload it by SIGHUP'),
      );
    const signal = await ending;
    this.#ending.abort();
    log.info(`ending on ${signal}`);
    this.#notify.stopping();
    clearTimeout(this.#settling);
    await watcher.close();
    await this.#changes;
    clearTimeout(this.#reporting);
    await this.#stop();
    server?.close();
    unpublish?.();
    log.info('ended; what is not delivered yet waits in the queue');
    endSoon(signal);
    return 0;
  }

  #state(): Answered {
    const state = this.#running?.agent.state() ?? this.#last;
    return { configuration: this.#reading, ...state };
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
    this.#last = running.agent.state();
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
    if (this.#ending.signal.aborted) return;
    this.#changes = this.#changes.then(() => this.#change());
  }

  async #change(): Promise<void> {
    const { config: old } = this.#running ?? {};
    if (old === undefined) return;
    const at = monotonic();
    this.#notify.reloading();
    const next = readNext(this.#service, old);
    this.#reading = { at, ...(await this.#use(next, old)) };
    if (this.#running === null) return;
    // An administrator who reloads has probably fixed something, here or at a monitor.
    this.#running.agent.retry();
    this.#report();
    this.#notify.ready();
  }

  async #use(next: Config | string, old: Config): Promise<Outcome> {
    const { log } = this.#service;
    if (typeof next === 'string') return { outcome: 'refused', reason: next };
    if (!isDeepStrictEqual(next, old)) return this.#replace(old, next);
    const outcome = this.#reading.outcome === 'refused' ? 'loaded' : 'unchanged';
    log.info(outcome === 'loaded' ? RELOADED : 'the configuration is unchanged');
    return { outcome, reason: null };
  }

  async #replace(old: Config, next: Config): Promise<Outcome> {
    const { log } = this.#service;
    await this.#stop();
    try {
      this.#running = this.#start(next);
      log.info(RELOADED);
      return { outcome: 'loaded', reason: null };
    } catch (err) {
      log.error(
        { err },
        'cannot run with the new configuration, continuing with the old one; correct it (denywatch check helps)',
      );
      this.#running = await this.#startAgain(old);
      return { outcome: 'refused', reason: 'the agent cannot run with the new one' };
    }
  }

  /** It ran a moment ago, so the disk is the likely cause, and that passes. Null if we stop. */
  async #startAgain(config: Config): Promise<Running | null> {
    for (let tries = 0; !this.#ending.signal.aborted; tries++) {
      try {
        return this.#start(config);
      } catch (err) {
        if (tries === 0) {
          this.#last = processState();
          this.#service.log.error({ err }, 'cannot run with the old one either; trying again');
        }
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
    this.#notify.status(statusLine(this.#running.agent, this.#reading.reason));
    this.#running.metrics.write();
  }
}
