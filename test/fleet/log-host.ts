/**
 * One agent on a central log host: the logs of many hosts, one file each, are written at an even
 * pace, and one line in a hundred is a refusal.
 *
 *   npm run log-host
 *
 * LOGHOST_HOSTS=10000 LOGHOST_LINES=5000 (a second) LOGHOST_MINUTES=10. Prints each 30 s what the
 * agent costs, how long a refusal takes until it is counted, and what waits in the queue. Exit
 * status 1 if a refusal is not counted exactly once. The figures are of the whole machine, so the
 * load of everything else on it is printed with them.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { askQueue } from '../../src/queue/reader.ts';
import { sample, type Sample } from '../soak/figures.ts';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);
const HOSTS = number('LOGHOST_HOSTS', 10_000);
const LINES = number('LOGHOST_LINES', 5_000);
const SECONDS = 60 * number('LOGHOST_MINUTES', 10);
const ROW = 30;
const START = 300_000;
const WRITER = new URL('writer.ts', import.meta.url).pathname;

test(`${HOSTS} hosts, ${LINES} lines a second`, needs('nsca'), async (t) => {
  const dir = tempDir(t);
  const logs = join(dir, 'remote');
  const writerFor = (seconds: number) =>
    program(t, process.execPath, [WRITER, logs, `${HOSTS}`, `${LINES}`, `${seconds}`]);
  // So that all files are there and have a line.
  assert.equal(await writerFor(0).end(120_000), 0);
  const nsca = await startNsca(t, { mode: '--single', method: 14 });
  const config = writeConfig(dir, {
    host: '{host}',
    hosts: { allow: ['web*'], other: 'loghost' },
    sources: [{ file: join(logs, '*', 'auth.log'), from: 'start' }],
    monitors: [{ nsca: `127.0.0.1:${nsca.port}`, encryption: 'aes', password: 'secret' }],
  });
  const queue = join(dir, 'queue.db');

  const started = performance.now();
  const agent = denywatch(t, 'run', '--config', config);
  const streams = async () => (await status(t, config))?.agent?.streams.length ?? 0;
  await until('all logs to be followed', async () => (await streams()) === HOSTS, START);
  const took = (performance.now() - started) / 1000;
  const idle = sample(0, agent.pid, queue)!;
  print(`${HOSTS} logs are followed after ${took.toFixed(1)} s, ${idle.cpu} s of CPU`);
  print(`${cpus().length} cores; nice ${niceOf(agent.pid)} (agent); load ${load()}`);
  print(
    '     s  CPU %  MiB  lag s  lag s max  waiting  queue MiB  alerts  delivered  load  idle %',
  );

  const writer = writerFor(SECONDS);
  const progress: Progress[] = [];
  let read = 0;
  const lags: number[] = [];
  let row: Sample = idle;
  let machine = machineTimes();
  const begin = performance.now();
  const counted = () => askQueue(queue, ({ overview }) => overview.totals()['denials'] ?? 0);
  for (let second = 1; writer.ended() === null; second++) {
    await pause(Math.max(0, begin + second * 1000 - performance.now()));
    const text = writer.stdout();
    const whole = text.lastIndexOf('\n') + 1;
    progress.push(...text.slice(read, whole).trimEnd().split('\n').map(progressOf));
    read = whole;
    lags.push(lagOf(progress, counted()));
    if (second % ROW > 0) continue;
    const now = sample(second, agent.pid, queue)!;
    const times = machineTimes();
    print(rowOf(row, now, { lags: lags.slice(-ROW), queue, machine, times }));
    [row, machine] = [now, times];
  }
  assert.equal(writer.ended(), 0, writer.stderr());
  const { lines, refusals } = progressOf(writer.stdout().trimEnd().split('\n').at(-1)!);
  await until('every refusal to be counted', () => counted() >= refusals, 120_000);
  await pause(2000);
  const all = sample(SECONDS, agent.pid, queue)!;
  const share = (all.cpu - idle.cpu) / SECONDS;
  print(
    `${lines} lines, ${refusals} refusals, ${counted()} counted; ${(share * 100).toFixed(0)} % of a core; ` +
      `lag ${quantile(lags, 0.5)} s (median), ${quantile(lags, 0.99)} s (99 %), ${quantile(lags, 1)} s (most)`,
  );
  assert.equal(counted(), refusals);
  agent.kill();
  assert.equal(await agent.end(60_000), 0, agent.stderr());
  print(agent.stderr().split('\n').slice(-8).join('\n'));
});

interface Progress {
  readonly at: number;
  readonly lines: number;
  readonly refusals: number;
}

function progressOf(line: string): Progress {
  const [at = 0, lines = 0, refusals = 0] = line.split(' ').map(Number);
  return { at, lines, refusals };
}

/** How long the first refusal that is not counted yet has been in its log, s. */
function lagOf(progress: readonly Progress[], counted: number): number {
  const first = progress.find(({ refusals }) => refusals > counted);
  return first === undefined ? 0 : Math.max(0, (Date.now() - first.at) / 1000);
}

interface Seen {
  readonly lags: readonly number[];
  readonly queue: string;
  readonly machine: Times;
  readonly times: Times;
}

function rowOf(before: Sample, now: Sample, { lags, queue, machine, times }: Seen): string {
  const { monitors, totals } = askQueue(queue, ({ overview }) => ({
    monitors: overview.monitors(),
    totals: overview.totals(),
  }));
  const sum = (of: (row: (typeof monitors)[0]) => number) =>
    monitors.reduce((all, row) => all + of(row), 0);
  const cells: [string | number, number][] = [
    [now.at, 6],
    [(((now.cpu - before.cpu) / (now.at - before.at)) * 100).toFixed(0), 7],
    [(now.residentKiB / 1024).toFixed(0), 5],
    [quantile(lags, 0.5), 7],
    [quantile(lags, 1), 11],
    [sum(({ waiting }) => waiting), 9],
    [(now.queueKiB / 1024).toFixed(1), 11],
    [totals['alerts'] ?? 0, 8],
    [sum(({ delivered }) => delivered ?? 0), 11],
    [load(), 6],
    [(((times.idle - machine.idle) / (times.all - machine.all)) * 100).toFixed(0), 8],
  ];
  return cells.map(([cell, width]) => String(cell).padStart(width)).join('');
}

const quantile = (values: readonly number[], part: number) =>
  (values.toSorted((a, b) => a - b)[Math.ceil(part * (values.length - 1))] ?? NaN).toFixed(1);

const load = () => loadavg()[0]!.toFixed(1);

interface Times {
  readonly idle: number;
  readonly all: number;
}

/** What the processors of the machine did since its start (proc(5): /proc/stat), ticks. */
function machineTimes(): Times {
  const ticks = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.split(/\s+/).slice(1, 9);
  const times = ticks.map(Number);
  return { idle: times[3]! + times[4]!, all: times.reduce((sum, one) => sum + one, 0) };
}

function niceOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
