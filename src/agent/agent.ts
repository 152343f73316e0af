/**
 * The agent: sources, pipeline, queue and deliveries wired together, and their life cycle. Starting
 * opens what it needs from the queue outwards; stopping lets go in the opposite order.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { startDelivery, type Delivery, type DeliveryState } from '../delivery/delivery.ts';
import type { Monitor } from '../monitor/monitor.ts';
import { openMonitors } from '../monitor/kinds.ts';
import { stuckWhen, type IsStuck } from '../host/watchdog.ts';
import { messagePattern } from '../parse/search.ts';
import { Pipeline, type PipelineState } from '../pipeline/pipeline.ts';
import { startHeartbeat } from './heartbeat.ts';
import { damaged, isDamage } from '../queue/file.ts';
import { lockQueue } from '../queue/lock.ts';
import { outbox } from '../queue/outbox.ts';
import { Queue } from '../queue/queue.ts';
import type { MonitorRow } from '../queue/result.ts';
import { watchQueue } from '../queue/watch.ts';
import { openSource, streamOf } from '../source/kinds.ts';
import type { Source, StreamState } from '../source/source.ts';

export interface AgentOptions {
  readonly log: Logger;
  /** Read to the end that is there now, instead of following. */
  readonly once?: boolean;
  /** Takes the place of the configured monitors, and of the queue file and its positions. */
  readonly dryRun?: Monitor | undefined;
  /** Called when something in the queue has changed. */
  readonly onChange?: () => void;
}

/** What the agent is doing, as `status` shows it. */
export interface AgentState extends PipelineState {
  readonly pid: number;
  /** When it started, ms since 1970. */
  readonly since: number;
  readonly streams: readonly StreamState[];
  readonly monitors: readonly (DeliveryState & { readonly name: string })[];
}

/** What the agent and its queue have counted, and how they are, at a moment. */
export interface Snapshot {
  /** When that was, ms since 1970. */
  readonly at: number;
  readonly agent: AgentState;
  readonly queue: readonly MonitorRow[];
  readonly totals: Readonly<Record<string, number>>;
}

export interface Agent {
  state(): AgentState;
  /** Whether a stage is stuck, for each by its name. */
  readonly stages: Readonly<Record<string, IsStuck>>;
  /** Tries each monitor now, however long its backoff. */
  retry(): void;
  /** Results that wait, and since when the oldest does, ms since 1970. */
  waiting(): { results: number; oldest: number | null };
  /** All that is counted, for the metrics. */
  snapshot(): Snapshot;
  /**
   * Resolves when all sources were read to the end that they had and what came of it is delivered:
   * true, or false where a monitor could not take it now.
   */
  done(): Promise<boolean>;
  /** Ends; what a monitor has not taken within `grace` ms stays in the queue. */
  stop(grace: number): Promise<void>;
}

/** What SQLite takes for a database in memory: a dry run leaves no trace. */
const NO_FILE = ':memory:';

/**
 * Starts the agent.
 * @throws QueueError where the queue cannot be used, or another agent uses it
 */
export function startAgent(
  config: Config,
  { log, once = false, dryRun, onChange = () => {} }: AgentOptions,
): Agent {
  /** What lets go of each thing that was taken; run last in, first out. */
  const releasers: ((grace: number) => unknown)[] = [];
  try {
    return start();
  } catch (error) {
    for (const release of releasers.toReversed()) void release(0);
    if (isDamage(error)) throw damaged(config.queue.path, error);
    throw error;
  }

  function start(): Agent {
    const path = dryRun === undefined ? config.queue.path : NO_FILE;
    if (dryRun === undefined) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
      const lock = lockQueue(path);
      releasers.push(() => lock.release());
    }
    const queue = new Queue(path, { bounds: config.queue, history: config.history });
    releasers.push(() => queue.close());

    const monitors = dryRun === undefined ? openMonitors(config) : [dryRun];
    const names = monitors.map(({ name }) => name);
    adopt(queue, names, log);
    const deliveries: Delivery[] = monitors.map((monitor) =>
      startDelivery(monitor, outbox(queue, monitor.name, config.queue), { pace: config.pace, log }),
    );
    releasers.push((grace) => Promise.all(deliveries.map((delivery) => delivery.stop(grace))));
    const wake = () => deliveries.forEach((delivery) => delivery.wake());

    // What has an end is delivered at its end: reading leaves no time to keep a session going, and
    // nsca sleeps for a second whenever it finds nothing to read.
    const onResults = once ? () => {} : wake;
    const streams = config.sources.map(streamOf);
    const pipeline = new Pipeline({ config, streams, queue, log, monitors: names, onResults });
    releasers.push(() => pipeline.close());
    const grep = messagePattern();
    const sources: Source[] = [];
    releasers.push(() => Promise.all(sources.map((source) => source.stop())));
    for (const source of config.sources) sources.push(openSource(source, pipeline, { once, grep }));
    if (dryRun === undefined) {
      const changed = (byOthers: boolean) => {
        if (byOthers) {
          pipeline.takeInbox();
          wake();
        }
        onChange();
      };
      releasers.push(watchQueue(queue, changed, log));
      changed(true);
    }
    wake();

    const since = Date.now();
    const state = () => ({
      pid: process.pid,
      since,
      ...pipeline.state(),
      streams: sources.flatMap((source) => source.streams()),
      monitors: deliveries.map((delivery, i) => ({ name: names[i]!, ...delivery.state() })),
    });
    const waiting = () => queue.report.waiting();
    if (config.heartbeat !== null && dryRun === undefined && !once) {
      const health = () => ({
        agent: state(),
        trouble: null,
        totals: queue.report.totals(),
        waiting: waiting(),
        setAside: queue.report.monitors().reduce((sum, row) => sum + row.setAside, 0),
      });
      releasers.push(startHeartbeat(config, config.heartbeat, queue, names, health, wake, log));
    }
    return {
      state,
      stages: stagesOf(sources, pipeline, monitors, deliveries),
      retry: () => deliveries.forEach((delivery) => delivery.wake(true)),
      waiting,
      snapshot: () => ({
        at: Date.now(),
        agent: state(),
        queue: queue.report.monitors(),
        totals: queue.report.totals(),
      }),
      done: async () => {
        await Promise.all(sources.map((source) => source.drained()));
        // A real run keeps open windows for the next one; a dry run has none.
        if (dryRun !== undefined) pipeline.closeWindows();
        const sent = await Promise.all(deliveries.map((delivery) => delivery.settled()));
        return sent.every(Boolean);
      },
      stop: async (grace) => {
        for (const release of releasers.toReversed()) await release(grace);
      },
    };
  }
}

/** A source that is behind hands over blocks; a session with a monitor comes to its end. */
function stagesOf(
  sources: readonly Source[],
  pipeline: Pipeline,
  monitors: readonly Monitor[],
  deliveries: readonly Delivery[],
): Record<string, IsStuck> {
  const stages: Record<string, IsStuck> = {};
  const behind = () => sources.some((source) => source.streams().some(isBehind));
  stages['reading the logs'] = stuckWhen(behind, () => pipeline.state().offered);
  deliveries.forEach((delivery, i) => {
    const ended = () => (delivery.state().lastDelivered ?? 0) + (delivery.state().next ?? 0);
    stages[`delivery to ${monitors[i]?.name}`] = stuckWhen(() => delivery.state().connected, ended);
  });
  return stages;
}

function isBehind({ behind, problem }: StreamState): boolean {
  return problem === null && behind !== null && behind > 0;
}

/**
 * Results that wait for a monitor which is not configured any more: where one monitor is gone and
 * one is new, it is the same one under a new address. Otherwise they are kept, and said.
 */
function adopt(queue: Queue, names: readonly string[], log: Logger): void {
  const known = queue.report.monitors();
  const orphans = known.filter(({ name, waiting }) => waiting > 0 && !names.includes(name));
  const fresh = names.filter((name) => !known.some((row) => row.name === name));
  const [orphan, heir] = [orphans[0], fresh[0]];
  if (orphan !== undefined && heir !== undefined && orphans.length === 1 && fresh.length === 1) {
    queue.renameMonitor(orphan.name, heir);
    log.info(`${orphan.waiting} results that waited for ${orphan.name} now wait for ${heir}`);
    return;
  }
  for (const { name, waiting } of orphans) {
    log.warn(
      `${waiting} results wait for ${name}, which is not configured: add it under monitors again, or drop them`,
    );
  }
}
