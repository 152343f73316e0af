/**
 * The agent: sources, pipeline, queue and deliveries wired together, and their life cycle. Starting
 * opens them from the queue outwards; stopping releases them in the opposite order.
 */
import type { Logger } from 'pino';
import { startDelivery, type Delivery } from '../delivery/delivery.ts';
import type { IsStuck } from '../host/watchdog.ts';
import { describeMonitor, openMonitors } from '../monitor/kinds.ts';
import type { Monitor } from '../monitor/monitor.ts';
import { messagePattern, scan } from '../parse/search.ts';
import { scanByWindows } from '../parse/search/windows.ts';
import { attributionOf } from '../pipeline/attribution.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { DropWatch } from '../queue/drops.ts';
import { damaged, isDamage } from '../queue/error.ts';
import { NO_FILE } from '../queue/file.ts';
import { lockQueue } from '../queue/lock.ts';
import { Queue } from '../queue/queue.ts';
import { QueueWatch } from '../queue/watch.ts';
import { openSource, streamOf } from '../source/kinds.ts';
import type { Source } from '../source/source.ts';
import { adoptResults } from './adopt.ts';
import type { Config } from './config.ts';
import { bytesBehind, lastUnseen, problemsOf, type Problem } from './health.ts';
import { startHeartbeat } from './heartbeat.ts';
import { processState } from './process.ts';
import { stagesOf } from './stages.ts';
import type { AgentState, Snapshot } from './state.ts';

export interface AgentOptions {
  readonly log: Logger;
  /** Read up to the current end, instead of following. */
  readonly once?: boolean;
  /** Used instead of the configured monitors; there is no queue file and no position then. */
  readonly dryRun?: Monitor | undefined;
  /** Called when something in the queue has changed. */
  readonly onChange?: () => void;
}

/** A function for each resource that releases it; run last in, first out. */
type Releasers = ((grace: number) => unknown)[];

/**
 * Starts the agent.
 * @throws QueueError if the queue cannot be used, or another agent uses it
 */
export function startAgent(config: Config, options: AgentOptions): Agent {
  const releasers: Releasers = [];
  try {
    return new Agent(config, options, releasers);
  } catch (error) {
    for (const release of releasers.toReversed()) void release(0);
    if (isDamage(error)) throw damaged(config.queue.path, error);
    throw error;
  }
}

export class Agent {
  /** For each stage by its name, whether it is stuck. */
  readonly stages: Readonly<Record<string, IsStuck>>;
  readonly #config: Config;
  readonly #options: AgentOptions;
  readonly #releasers: Releasers;
  readonly #queue: Queue;
  readonly #deliveries: ReadonlyMap<string, Delivery>;
  readonly #pipeline: Pipeline;
  readonly #sources: readonly Source[];

  constructor(config: Config, options: AgentOptions, releasers: Releasers) {
    this.#config = config;
    this.#options = options;
    this.#releasers = releasers;
    this.#queue = this.#openQueue();
    this.#deliveries = this.#startDeliveries();
    this.#pipeline = this.#openPipeline();
    this.#sources = this.#openSources();
    this.stages = stagesOf(this.#sources, this.#pipeline, this.#deliveries);
    this.#watchQueue();
    this.#wake();
    this.#startHeartbeat();
  }

  state(): AgentState {
    const { monitors } = this.#config;
    const protocols = new Map(monitors.map((one) => [one.name, describeMonitor(one)]));
    return {
      ...processState(),
      ...this.#pipeline.state(),
      streams: this.#sources.flatMap((source) => source.streams()),
      monitors: Array.from(this.#deliveries, ([name, delivery]) => ({
        name,
        protocol: protocols.get(name) ?? null,
        ...delivery.state(),
      })),
    };
  }

  /** Problems, the worst first. */
  problems(): Problem[] {
    const unseen = lastUnseen(this.#queue.history, Date.now());
    return problemsOf(this.state(), this.#queue.overview.monitors(), unseen);
  }

  /** How many results wait, and since when the oldest has, ms since 1970. */
  waiting(): { results: number; oldest: number | null } {
    return this.#queue.overview.waiting();
  }

  /** All counters, for the metrics. */
  snapshot(): Snapshot {
    const { overview } = this.#queue;
    return {
      at: Date.now(),
      agent: this.state(),
      queue: overview.monitors(),
      totals: overview.totals(),
    };
  }

  /** Tries each monitor now, however long its backoff is. */
  retry(): void {
    this.#wake(true);
  }

  /**
   * Resolves when all sources have been read to their end and the results are delivered: true, or
   * false if a monitor could not take them now.
   */
  async done(): Promise<boolean> {
    await Promise.all(this.#sources.map((source) => source.drained()));
    // A real run keeps open windows for the next one; a dry run has none.
    if (this.#isDryRun) this.#pipeline.closeWindows();
    const deliveries = [...this.#deliveries.values()];
    const delivered = await Promise.all(deliveries.map((delivery) => delivery.settled()));
    return delivered.every(Boolean);
  }

  /** Ends. Results that a monitor has not taken within `grace` ms stay in the queue. */
  async stop(grace: number): Promise<void> {
    for (const release of this.#releasers.toReversed()) await release(grace);
  }

  get #isDryRun(): boolean {
    return this.#options.dryRun !== undefined;
  }

  #openQueue(): Queue {
    const { queue, history } = this.#config;
    if (!this.#isDryRun) {
      const lock = lockQueue(queue.path);
      this.#releasers.push(() => lock.release());
    }
    // A dry run leaves no trace.
    const path = this.#isDryRun ? NO_FILE : queue.path;
    const opened = new Queue(path, { bounds: queue, history });
    this.#releasers.push(() => opened.close());
    return opened;
  }

  #startDeliveries(): ReadonlyMap<string, Delivery> {
    const { dryRun, log } = this.#options;
    const { pace, queue } = this.#config;
    const monitors = dryRun === undefined ? openMonitors(this.#config) : [dryRun];
    const names = monitors.map(({ name }) => name);
    adoptResults(this.#queue, names, log);
    const deliveries = monitors.map((monitor) =>
      startDelivery(monitor, this.#queue.outbox(monitor.name, queue), { pace, log }),
    );
    this.#releasers.push((grace) => Promise.all(deliveries.map((each) => each.stop(grace))));
    return new Map(deliveries.map((delivery, i) => [names[i]!, delivery]));
  }

  #openPipeline(): Pipeline {
    const { log, once = false } = this.#options;
    const pipeline = new Pipeline({
      config: this.#config,
      streams: this.#config.sources.map(streamOf),
      ...attributionOf(this.#config.sources),
      queue: this.#queue,
      log,
      monitors: [...this.#deliveries.keys()],
      // The faster search takes 4 MB of memory, which an agent that keeps running does without.
      search: once ? scan : scanByWindows,
      // With --once, results are delivered at the end: reading leaves no time to serve a session,
      // and nsca sleeps for a second whenever it finds nothing to read.
      onResults: once ? () => {} : () => this.#wake(),
    });
    this.#releasers.push(() => pipeline.close());
    return pipeline;
  }

  #openSources(): readonly Source[] {
    const { once = false } = this.#options;
    const grep = messagePattern();
    const sources: Source[] = [];
    this.#releasers.push(() => Promise.all(sources.map((source) => source.stop())));
    for (const source of this.#config.sources)
      sources.push(openSource(source, this.#pipeline, { once, grep }));
    return sources;
  }

  /** Other processes also put results and denials in the queue. */
  #watchQueue(): void {
    if (this.#isDryRun) return;
    const { log, onChange } = this.#options;
    const drops = new DropWatch(this.#queue, log);
    const changed = (byOthers: boolean) => {
      drops.look();
      if (byOthers) {
        this.#pipeline.takeInbox();
        this.#wake();
      }
      onChange?.();
    };
    this.#releasers.push(() => drops.look());
    const watch = new QueueWatch(this.#queue, changed, log);
    this.#releasers.push(() => watch.close());
    changed(true);
  }

  #startHeartbeat(): void {
    const { log, once = false } = this.#options;
    if (this.#config.heartbeat === null || this.#isDryRun || once) return;
    const stop = startHeartbeat(this.#config, this.#config.heartbeat, {
      queue: this.#queue,
      monitors: [...this.#deliveries.keys()],
      figures: () => ({
        problems: this.problems(),
        totals: this.#queue.overview.totals(),
        waiting: this.waiting(),
        behind: bytesBehind(this.state().streams),
      }),
      onResults: () => this.#wake(),
      log,
    });
    this.#releasers.push(stop);
  }

  /** @param now however long a monitor's backoff is */
  #wake(now = false): void {
    for (const delivery of this.#deliveries.values()) delivery.wake(now);
  }
}
