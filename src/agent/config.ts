/** The whole configuration, with every default filled in: each folder reads its own keys. */
import type { Checker, Value } from '../config/checker.ts';
import { loadFile, loadPart, type Loaded } from '../config/load.ts';
import { Section } from '../config/section.ts';
import type { Surroundings } from '../config/surroundings.ts';
import { readPace, type PaceConfig } from '../delivery/config.ts';
import { readFold, type FoldConfig } from '../fold/config.ts';
import { readMetrics, type MetricsConfig } from '../host/metrics-config.ts';
import { findRunning } from '../host/running.ts';
import { nameLimits, readMonitor, type MonitorConfig } from '../monitor/kinds.ts';
import { readHistory, readQueue, type HistoryConfig, type QueueConfig } from '../queue/config.ts';
import { isOfManyHosts } from '../result/host-names.ts';
import { readResult, RESULT_KEYS, ResultReader, type ResultConfig } from '../result/config.ts';
import { readSource, streamOf, type SourceConfig } from '../source/kinds.ts';

/** All durations are milliseconds, all sizes bytes. */
export interface Config extends ResultConfig {
  readonly sources: readonly SourceConfig[];
  readonly monitors: readonly MonitorConfig[];
  /** Whether each result is sent to all monitors, or to the first that takes it. */
  readonly deliver: 'all' | 'first';
  readonly fold: FoldConfig;
  readonly pace: PaceConfig;
  readonly queue: QueueConfig;
  readonly history: HistoryConfig;
  /** A second service that reports the agent's own state; null: none. */
  readonly heartbeat: HeartbeatConfig | null;
  readonly metrics: MetricsConfig;
}

export interface HeartbeatConfig {
  readonly service: string;
  readonly every: number;
  /** How many waiting results cause a warning. */
  readonly warn: number;
  /** Time without an alert after which an OK is sent for the volatile service; null: never. */
  readonly okAfter: number | null;
}

const DELIVER: Record<string, Config['deliver']> = { all: 'all', first: 'first' };

/**
 * Reads and checks a configuration file.
 * @throws ConfigError with every mistake at once
 */
export function loadConfig(path: string, env: NodeJS.ProcessEnv = process.env): Loaded<Config> {
  return loadFile(path, readConfig, { env, credentials: true });
}

/**
 * The same for a verb that leaves the delivery to the agent: only the service has its credentials.
 * @throws ConfigError with every mistake at once
 */
export function loadConfigToQueue(path: string): Config {
  return loadFile(path, readConfig, { env: process.env, credentials: false }).config;
}

/**
 * Reads the path and bounds of the queue, whatever else in the file is wrong: a verb that works on
 * the queue alone needs no more, and no password. If the entry `queue` has mistakes, the defaults
 * apply. If an agent runs as a service with this file, the path is the one that it uses, whatever
 * became of the file.
 * @throws ConfigError if there is no such file
 */
export function loadQueueConfig(path: string): QueueConfig {
  const running = findRunning(path);
  if (running === null) return loadPart(path, readQueuePart);
  return { ...loadPart(path, readQueuePart, { mayBeMissing: true }), path: running.queue };
}

function readQueuePart(checker: Checker, directory: string): QueueConfig {
  const at = new Section(checker, checker.root(), ['queue']).get('queue');
  const given = readQueue(checker, at?.node === null ? undefined : at, directory);
  const wrong = checker.problems.filter(({ key }) => key.startsWith('queue'));
  if (wrong.length === 0) return given;
  const usual = readQueue(checker, undefined, directory);
  return wrong.some(({ key }) => key === 'queue' || key === 'queue.path')
    ? usual
    : { ...usual, path: given.path };
}

/** Reads the whole configuration; mistakes are recorded in the checker. */
export function readConfig(checker: Checker, around: Surroundings): Config {
  const top = new Section(checker, checker.root(), [
    ...RESULT_KEYS,
    'sources',
    'monitors',
    'deliver',
    'fold',
    'pace',
    'queue',
    'history',
    'heartbeat',
    'metrics',
  ]);
  // If all lines under a key are comments, its defaults apply.
  const given = (key: string) => {
    const at = top.get(key);
    return at?.node === null ? undefined : at;
  };
  const monitors = readMonitors(checker, given('monitors'), around);
  const results = new ResultReader(checker, nameLimits(monitors));
  const heartbeat = given('heartbeat');
  const result = readResult(results, given);
  return {
    ...result,
    sources: readSources(checker, top.get('sources'), around.directory),
    monitors,
    deliver: top.choice('deliver', DELIVER, 'all'),
    fold: readFold(checker, given('fold'), isOfManyHosts(result)),
    pace: readPace(checker, given('pace')),
    queue: readQueue(checker, given('queue'), around.directory),
    history: readHistory(checker, given('history')),
    heartbeat: heartbeat === undefined ? null : readHeartbeat(results, heartbeat),
    metrics: readMetrics(checker, given('metrics'), around),
  };
}

function readMonitors(
  checker: Checker,
  at: Value | undefined,
  around: Surroundings,
): MonitorConfig[] {
  if (at === undefined) return [];
  const monitors = checker.items(at).flatMap((item) => readMonitor(checker, item, around) ?? []);
  const names = monitors.map(({ name }) => name);
  unique(checker, at, names, 'monitor');
  return monitors;
}

function readSources(checker: Checker, at: Value | undefined, directory: string): SourceConfig[] {
  if (at === undefined || at.node === null) {
    checker.problem(
      at ?? checker.root(),
      "no 'sources': name the logs to read, such as - file: /var/log/auth.log",
    );
    return [];
  }
  const sources = checker.items(at).flatMap((item) => readSource(checker, item, directory));
  if (sources.length === 0 && checker.problems.length === 0) {
    checker.problem(at, 'is empty: name at least one log, such as - file: /var/log/auth.log');
  }
  const streams = sources.map(streamOf);
  unique(checker, at, streams, 'source');
  return sources;
}

function readHeartbeat(results: ResultReader, at: Value): HeartbeatConfig | null {
  const { checker } = results;
  if (checker.isOff(at)) return null;
  const keys = new Section(checker, at, ['service', 'every', 'warn', 'okAfter']);
  return {
    service: keys.read('service', (service) => results.service(service), 'denywatch'),
    every: keys.duration('every', '5m', '1s', '1d'),
    warn: keys.whole('warn', 1000, 0, 10_000_000),
    okAfter: keys.read('okAfter', (value) => checker.duration(value, '1m', '365d'), null),
  };
}

function unique(checker: Checker, at: Value, names: readonly string[], what: string): void {
  const twice = names.find((one, i) => names.indexOf(one) !== i);
  if (twice !== undefined) checker.problem(at, `the ${what} ${twice} is given twice`);
}
