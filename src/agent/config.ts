/** The whole configuration, with every default filled in: each folder reads its own keys. */
import type { Checker, Problem, Value } from '../config/checker.ts';
import { ConfigError } from '../config/error.ts';
import { loadFile, type Loaded } from '../config/load.ts';
import { Part } from '../config/part.ts';
import { Section } from '../config/section.ts';
import type { Surroundings } from '../config/surroundings.ts';
import { readPace, type PaceConfig } from '../delivery/config.ts';
import { readFold, type FoldConfig } from '../fold/config.ts';
import { readMetrics, type MetricsConfig } from '../host/metrics-config.ts';
import { nameLimits } from '../monitor/kinds.ts';
import { MONITORS_KEYS, readMonitors, type MonitorsConfig } from '../monitor/list.ts';
import { readHistory, readQueue, type HistoryConfig, type QueueConfig } from '../queue/config.ts';
import { isOfManyHosts } from '../result/host-names.ts';
import { readResult, RESULT_KEYS, ResultReader, type ResultConfig } from '../result/config.ts';
import { readSource, streamOf, type SourceConfig } from '../source/kinds.ts';

/** All durations are milliseconds, all sizes bytes. */
export interface Config extends ResultConfig, MonitorsConfig {
  readonly sources: readonly SourceConfig[];
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

/**
 * Reads and checks a configuration file.
 * @throws ConfigError with every mistake at once
 */
export function loadConfig(path: string, env: NodeJS.ProcessEnv = process.env): Loaded<Config> {
  return loadFile(path, readConfig, { env, credentials: true });
}

/**
 * The same, without the credentials where this process has none.
 * @throws ConfigError with every mistake at once
 */
export function loadConfigToCheck(path: string, env = process.env): Loaded<Config> {
  const credentials = env['CREDENTIALS_DIRECTORY'] !== undefined;
  return loadFile(path, readConfig, { env, credentials });
}

/**
 * The same for a verb that leaves the delivery to the agent: only the service has its credentials.
 * @throws ConfigError with every mistake at once
 */
export function loadConfigToQueue(path: string): Config {
  return loadFile(path, readConfig, { env: process.env, credentials: false }).config;
}

/**
 * Reads the configuration for a verb that needs no monitor, and that may be run by somebody who may
 * not read their passwords: mistakes in `monitors` do not matter.
 * @throws ConfigError with every other mistake
 */
export function loadWithoutMonitors(path: string): Config {
  try {
    return loadConfigToQueue(path);
  } catch (error) {
    if (!(error instanceof ConfigError && error.problems.every(isOfMonitors))) throw error;
  }
  const { section, around } = new Part(path, []);
  return readConfig(section.checker, around);
}

const isOfMonitors = ({ key }: Problem) => /^monitors\b/.test(key);

/** Reads the whole configuration; mistakes are recorded in the checker. */
export function readConfig(checker: Checker, around: Surroundings): Config {
  const top = new Section(checker, checker.root(), [
    ...RESULT_KEYS,
    'sources',
    ...MONITORS_KEYS,
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
  const delivery = readMonitors(top, around);
  const results = new ResultReader(checker, nameLimits(delivery.monitors));
  const heartbeat = given('heartbeat');
  const result = readResult(results, given);
  return {
    ...result,
    ...delivery,
    sources: readSources(checker, top.get('sources'), around.directory),
    fold: readFold(checker, given('fold'), isOfManyHosts(result)),
    pace: readPace(checker, given('pace')),
    queue: readQueue(checker, given('queue'), around.directory),
    history: readHistory(checker, given('history')),
    heartbeat: heartbeat === undefined ? null : readHeartbeat(results, heartbeat),
    metrics: readMetrics(checker, given('metrics'), around),
  };
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
  checker.distinct(at, streams, 'source');
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
