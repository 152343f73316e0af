/** The configuration's keys: what each may hold and what it is when it is not there. */
import { isAbsolute, resolve } from 'node:path';
import { shortHostName } from '../host/name.ts';
import type { Checker, Value } from './checker.ts';
import type {
  Config,
  FileSourceConfig,
  FoldConfig,
  HeartbeatConfig,
  HostsConfig,
  JournalSourceConfig,
} from './config.ts';
import { readMetrics } from './metrics.ts';
import { readMonitor } from './monitors.ts';
import { readHost, readOutput, readService, readState } from './result.ts';
import { readRules } from './rules.ts';

/** What a configuration is read for, and where from. */
export interface Surroundings {
  /** The directory of the configuration file: relative paths are relative to it. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Takes what is no mistake, but deserves a look. */
  readonly warn: (message: string) => void;
}

/** This machine's short name. */
const HOST = shortHostName();

const DELIVER = { all: 'all', first: 'first' } as const;

const FROM = { start: 'start', end: 'end' } as const;

/** Reads the whole configuration; mistakes are noted in the checker. */
export function readConfig(checker: Checker, around: Surroundings): Config {
  const top = checker.fields(checker.root(), [
    'host',
    'service',
    'state',
    'output',
    'sources',
    'monitors',
    'deliver',
    'fold',
    'pace',
    'queue',
    'history',
    'heartbeat',
    'metrics',
    'hosts',
    'rules',
  ]);
  const given = <T>(key: string, read: (at: Value) => T, otherwise: T): T => {
    const at = top.get(key);
    return at === undefined || at.node === null ? otherwise : read(at);
  };
  const config: Config = {
    host: given('host', (at) => readHost(checker, at), HOST),
    hosts: given('hosts', (at) => hosts(checker, at), { allow: null, map: new Map(), other: HOST }),
    heartbeat: given('heartbeat', (at) => heartbeat(checker, at), null),
    metrics: readMetrics(checker, top.get('metrics'), around),
    service: given('service', (at) => readService(checker, at), 'TCP Wrappers'),
    state: given('state', (at) => readState(checker, at), 2),
    output: given('output', (at) => readOutput(checker, at), 'Denied {daemon}-{client}'),
    sources: given('sources', (at) => sources(checker, at, around), []),
    monitors: given(
      'monitors',
      (at) => checker.items(at).flatMap((item) => readMonitor(checker, item, around) ?? []),
      [],
    ),
    deliver: given('deliver', (at) => checker.choice(at, DELIVER) ?? 'all', 'all'),
    rules: given('rules', (at) => readRules(checker, at), []),
    fold: given('fold', (at) => fold(checker, at), FOLD),
    pace: given('pace', (at) => pace(checker, at), PACE),
    queue: given('queue', (at) => queue(checker, at, around), QUEUE),
    history: given('history', (at) => history(checker, at), HISTORY),
  };
  const logs = top.get('sources');
  // Nothing is under the key where all of its lines are comments.
  if (logs === undefined || logs.node === null) {
    checker.problem(
      logs ?? checker.root(),
      "no 'sources': name the logs to read, such as - file: /var/log/auth.log",
    );
  }
  unique(checker, top.get('monitors'), config.monitors, 'monitor');
  return config;
}

function hosts(checker: Checker, at: Value): HostsConfig {
  const fields = checker.fields(at, ['allow', 'map', 'other']);
  const [allow, map, other] = [fields.get('allow'), fields.get('map'), fields.get('other')];
  return {
    allow: allow === undefined ? null : checker.items(allow).map((item) => checker.text(item, 255)),
    map: map === undefined ? new Map() : checker.entries(map, (to) => readHost(checker, to)),
    other: other === undefined ? HOST : readHost(checker, other),
  };
}

function heartbeat(checker: Checker, at: Value): HeartbeatConfig | null {
  if (checker.isOff(at)) return null;
  const fields = checker.fields(at, ['service', 'every', 'warn', 'okAfter']);
  const service = fields.get('service');
  const every = fields.get('every');
  const warn = fields.get('warn');
  const okAfter = fields.get('okAfter');
  return {
    service: service === undefined ? 'denywatch' : readService(checker, service),
    every: every === undefined ? 300_000 : checker.duration(every, '1s', '1d'),
    warn: warn === undefined ? 1000 : checker.whole(warn, 0, 10_000_000),
    okAfter: okAfter === undefined ? null : checker.duration(okAfter, '1m', '365d'),
  };
}

function sources(checker: Checker, at: Value, around: Surroundings): Config['sources'] {
  const read = checker.items(at).flatMap((item) => source(checker, item, around));
  if (read.length === 0 && checker.problems.length === 0) {
    checker.problem(at, 'is empty: name at least one log, such as - file: /var/log/auth.log');
  }
  unique(
    checker,
    at,
    read.map((one) => ({ name: one.kind === 'file' ? one.path : 'journal' })),
    'source',
  );
  return read;
}

function source(checker: Checker, at: Value, around: Surroundings): Config['sources'][number][] {
  const fields = checker.fields(at, ['file', 'journal', 'from', 'maxLine', 'keepRotated']);
  const [file, journal, start] = [fields.get('file'), fields.get('journal'), fields.get('from')];
  if ((file === undefined) === (journal === undefined)) {
    checker.problem(at, "must have either 'file' or 'journal'");
    return [];
  }
  const from = start === undefined ? null : (checker.choice(start, FROM) ?? null);
  if (journal !== undefined) return [journalSource(checker, journal, from)];
  const [maxLine, keep] = [fields.get('maxLine'), fields.get('keepRotated')];
  return checker.items(file!).map((path): FileSourceConfig => ({
    kind: 'file',
    path: filePath(checker, path, around),
    from,
    maxLine: maxLine === undefined ? 65_536 : checker.size(maxLine, '1KiB', '16MiB'),
    keepRotated: keep === undefined ? 5000 : checker.duration(keep, '0', '1h'),
  }));
}

function journalSource(
  checker: Checker,
  at: Value,
  from: 'start' | 'end' | null,
): JournalSourceConfig {
  const fields = checker.fields(at, ['units', 'identifiers']);
  const words = (key: string) => {
    const value = fields.get(key);
    return value === undefined ? [] : checker.items(value).map((item) => checker.text(item, 255));
  };
  return { kind: 'journal', from, units: words('units'), identifiers: words('identifiers') };
}

/** An absolute path; a glob is fine in its last part only. */
function filePath(checker: Checker, at: Value, around: Surroundings): string {
  const path = checker.text(at);
  if (/[*?[]/.test(path.replace(/[^/]*$/, ''))) {
    checker.problem(at, 'may have * and ? in its last part only: watch one directory a source');
  }
  return isAbsolute(path) ? path : resolve(around.directory, path);
}

const FOLD: FoldConfig = {
  window: 60_000,
  maxWindow: 3_600_000,
  keys: 20_000,
  scan: { daemons: 3, window: 60_000, network: null },
  storm: { alerts: 60, every: 60_000 },
};

function fold(checker: Checker, at: Value): FoldConfig {
  const fields = checker.fields(at, ['window', 'maxWindow', 'keys', 'scan', 'storm']);
  const window = fields.get('window');
  const maxWindow = fields.get('maxWindow');
  const keys = fields.get('keys');
  const read = {
    window: window === undefined ? FOLD.window : checker.duration(window, '0', '1d'),
    maxWindow: maxWindow === undefined ? FOLD.maxWindow : checker.duration(maxWindow, '1s', '7d'),
    keys: keys === undefined ? FOLD.keys : checker.whole(keys, 100, 1_000_000),
    scan: scan(checker, fields.get('scan')),
    storm: storm(checker, fields.get('storm')),
  };
  if (maxWindow !== undefined && read.maxWindow < read.window) {
    checker.problem(maxWindow, "must not be shorter than 'window'");
  }
  return { ...read, maxWindow: Math.max(read.maxWindow, read.window) };
}

function scan(checker: Checker, at: Value | undefined): FoldConfig['scan'] {
  if (at === undefined || at.node === null) return FOLD.scan;
  if (checker.isOff(at)) return null;
  const fields = checker.fields(at, ['daemons', 'window', 'network']);
  const [daemons, window] = [fields.get('daemons'), fields.get('window')];
  const network = fields.get('network');
  return {
    daemons: daemons === undefined ? 3 : checker.whole(daemons, 2, 1000),
    window: window === undefined ? 60_000 : checker.duration(window, '1s', '1d'),
    network:
      network === undefined || checker.isOff(network) ? null : checker.whole(network, 2, 100_000),
  };
}

function storm(checker: Checker, at: Value | undefined): FoldConfig['storm'] {
  if (at === undefined || at.node === null) return FOLD.storm;
  if (checker.isOff(at)) return null;
  const fields = checker.fields(at, ['alerts', 'every']);
  const [alerts, every] = [fields.get('alerts'), fields.get('every')];
  return {
    alerts: alerts === undefined ? 60 : checker.whole(alerts, 1, 1_000_000),
    every: every === undefined ? 60_000 : checker.duration(every, '1s', '1d'),
  };
}

/**
 * Measured with `nsca --daemon` 2.10.2 and Nagios 4.4.6: 50 results each 100 ms all arrive, 100 each
 * 100 ms lose some in a hundred: the daemon sleeps a second when it has nothing to read, and what it
 * then writes at once must fit Nagios' command pipe of 64 KiB.
 */
const PACE: Config['pace'] = { results: 50, every: 100 };

function pace(checker: Checker, at: Value): Config['pace'] {
  const fields = checker.fields(at, ['results', 'every']);
  const [results, every] = [fields.get('results'), fields.get('every')];
  return {
    results: results === undefined ? PACE.results : checker.whole(results, 1, 10_000),
    every: every === undefined ? PACE.every : checker.duration(every, '0', '1h'),
  };
}

const QUEUE: Config['queue'] = {
  path: '/var/lib/denywatch/queue.db',
  keep: 7 * 86_400_000,
  results: 100_000,
  size: 256 * 1024 ** 2,
  order: 'oldest',
  digestAfter: 3_600_000,
};

const ORDER = { oldest: 'oldest', newest: 'newest' } as const;

function queue(checker: Checker, at: Value, around: Surroundings): Config['queue'] {
  const keys = ['path', 'keep', 'results', 'size', 'order', 'digestAfter'];
  const fields = checker.fields(at, keys);
  const [path, keep, results, size, order, digestAfter] = keys.map((key) => fields.get(key));
  return {
    path: path === undefined ? QUEUE.path : resolve(around.directory, checker.text(path)),
    keep: keep === undefined ? QUEUE.keep : checker.duration(keep, '1m', '3650d'),
    results: results === undefined ? QUEUE.results : checker.whole(results, 100, 10_000_000),
    size: size === undefined ? QUEUE.size : checker.size(size, '1MiB', '1024GiB'),
    order: order === undefined ? QUEUE.order : (checker.choice(order, ORDER) ?? 'oldest'),
    digestAfter: age(checker, digestAfter),
  };
}

function age(checker: Checker, at: Value | undefined): number | null {
  if (at === undefined) return QUEUE.digestAfter;
  return checker.isOff(at) ? null : checker.duration(at, '1m', '3650d');
}

const HISTORY: Config['history'] = { keep: 90 * 86_400_000, clients: 500 };

function history(checker: Checker, at: Value): Config['history'] {
  const fields = checker.fields(at, ['keep', 'clients']);
  const [keep, clients] = [fields.get('keep'), fields.get('clients')];
  return {
    keep: keep === undefined ? HISTORY.keep : checker.duration(keep, '1d', '3650d'),
    clients: clients === undefined ? HISTORY.clients : checker.whole(clients, 10, 100_000),
  };
}

function unique(
  checker: Checker,
  at: Value | undefined,
  things: readonly { name: string }[],
  what: string,
): void {
  const names = things.map((thing) => thing.name);
  const twice = names.find((one, i) => names.indexOf(one) !== i);
  if (at !== undefined && twice !== undefined)
    checker.problem(at, `the ${what} ${twice} is there twice`);
}
