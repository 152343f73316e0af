/** A pipeline with a real queue, as the agent wires them, but for sources and monitors. */
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import type { FoldConfig } from '../../src/fold/config.ts';
import type { RuleConfig } from '../../src/result/rules-config.ts';
import { Pipeline, type PipelineConfig } from '../../src/pipeline/pipeline.ts';
import type { Zone } from '../../src/text/zone.ts';
import { Queue } from '../../src/queue/queue.ts';
import type { Result } from '../../src/queue/result.ts';

const MONITOR = 'monitor:5667';
const BOUNDS = { keep: 604_800_000, results: 100_000, size: 1 << 30 };
/** Bounded as by default, but tests are of one day for ever. */
const HISTORY = { keep: Infinity, clients: 500 };
/** The fold of a configuration that says nothing of it. */
export const FOLD: FoldConfig = {
  window: 60_000,
  maxWindow: 3_600_000,
  keys: 20_000,
  scan: { daemons: 3, window: 60_000, network: 8, hosts: null },
  storm: { alerts: 60, every: 60_000 },
};

function config(fold: FoldConfig, rules: readonly RuleConfig[]): PipelineConfig {
  return {
    host: 'firestorm',
    hosts: { allow: null, map: new Map(), other: 'firestorm', longest: 63 },
    service: 'TCP Wrappers',
    state: 2,
    output: 'Denied {daemon}-{client}',
    rules,
    fold,
  };
}

/** @param path of the queue file */
export const openQueue = (path = ':memory:') =>
  new Queue(path, { bounds: BOUNDS, history: HISTORY });

const nothing = () => {};

export interface PipelineGiven {
  readonly fold?: FoldConfig;
  readonly rules?: readonly RuleConfig[];
  readonly now?: () => number;
  readonly zoneOf?: (stream: string) => Zone;
  readonly onWarning?: (text: string) => void;
}

/** A pipeline that reads these streams. Whoever makes it closes it. */
export function newPipeline(
  queue: Queue,
  streams: readonly string[],
  { fold = FOLD, rules = [], now = Date.now, zoneOf, onWarning }: PipelineGiven = {},
): Pipeline {
  const said = (line: string) => onWarning?.((JSON.parse(line) as { msg: string }).msg);
  const log = pino({ level: 'warn' }, { write: said });
  const monitors = [MONITOR];
  return new Pipeline({
    config: config(fold, rules),
    streams,
    queue,
    log,
    monitors,
    onResults: nothing,
    now,
    ...(zoneOf && { zoneOf }),
  });
}

export interface Given {
  readonly queue: Queue;
  readonly pipeline: Pipeline;
  /** Offers lines as a source does; their position is how many were offered of the stream. */
  readonly offer: (stream: string, lines: readonly string[]) => void;
  /** Results that wait, oldest first. */
  readonly results: () => Result[];
}

/** A pipeline and its queue for a test; both are closed when it ends. */
export function given(
  t: TestContext,
  streams: readonly string[],
  { path, ...options }: PipelineGiven & { path?: string } = {},
): Given {
  const queue = openQueue(path);
  const pipeline = newPipeline(queue, streams, options);
  t.after(() => {
    pipeline.close();
    queue.close();
  });
  return {
    queue,
    pipeline,
    offer: (stream, lines) => {
      const before = Number(pipeline.positionOf(stream)?.['lines'] ?? 0);
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      pipeline.take({ stream, bytes, position: { lines: before + lines.length } });
    },
    results: () => waiting(queue),
  };
}

/** Results that wait, oldest first. */
export const waiting = (queue: Queue) => queue.outbox(MONITOR).waiting(0, 1e6);
