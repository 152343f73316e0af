/**
 * Thousands of logs under a pattern: what the start costs, a new log, an alert from any of them, and
 * nothing at all. With the real pipeline and queue file, without a monitor. Prints its figures as
 * JSON.
 *
 *   node --expose-gc test/bench/globs.ts LOGS DIRECTORIES
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { keepMemorySmall } from '../../src/host/memory.ts';
import { openFileSource } from '../../src/source/file/file.ts';
import { newPipeline, openQueue } from '../support/pipeline.ts';
import { refusal } from '../support/refusals.ts';

keepMemorySmall(); // As `run` does.

export interface Globs {
  /** CPU time of the first start and of a later one, s. */
  readonly start: number;
  readonly later: number;
  /** Memory for each log after the start, and when all was done, KiB. */
  readonly memory: number;
  readonly memoryAtEnd: number;
  /** From a write to a log until its refusal is stored, ms: the median and the longest. */
  readonly alert: number;
  readonly slowest: number;
  /** CPU time for a new log, and from the first line of a log in a new directory until it is stored, ms. */
  readonly added: number;
  readonly directory: number;
  /** Processor time without any change, % of a core. */
  readonly idle: number;
}

const [LOGS = 10_000, DIRECTORIES = 1_000] = process.argv.slice(2).map(Number);
const ALERTS = 50;
/** How long nothing happens, s: longer than between two looks at all logs. */
const IDLE = 180;

const dir = mkdtempSync(join(tmpdir(), 'denywatch-globs-'));
const paths = Array.from({ length: LOGS }, (_, i) =>
  join(dir, `logs/h${i % DIRECTORIES}/l${i}.log`),
);
for (const [i, path] of paths.entries()) {
  if (i < DIRECTORIES) mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, 'Nov 22 21:56:42 gw sshd[1]: Server listening on :: port 22.\n');
}

const cpu = (since: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};
const memory = () => {
  globalThis.gc?.();
  return process.memoryUsage.rss();
};

/** Waits for something, a millisecond at a time. */
async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await pause(1);
}

const queue = openQueue(join(dir, 'queue.db'));
const path = join(dir, 'logs/*/*.log');
const pipeline = newPipeline(queue, [path]);
const before = memory();
const began = process.cpuUsage();
const settings = { kind: 'file', path, from: 'end', maxLine: 65_536, keepRotated: 5_000 } as const;
let source = openFileSource(settings, pipeline);
await source.drained();
const start = cpu(began);
const perLog = () => (memory() - before) / LOGS / 1024;
const memoryAfterStart = perLog();

await source.stop();
const again = process.cpuUsage();
source = openFileSource(settings, pipeline);
await source.drained();
const later = cpu(again);

let counted = pipeline.state().denials;
const times: number[] = [];
for (let i = 0; i < ALERTS; i++) {
  const log = paths[Math.floor((i * LOGS) / ALERTS)]!;
  const at = performance.now();
  appendFileSync(log, `${refusal(`192.0.2.${i}`, i)}\n`);
  await until(() => pipeline.state().denials > counted);
  times.push(performance.now() - at);
  counted = pipeline.state().denials;
}
times.sort((a, b) => a - b);

await pause(2_000);
const fresh = process.cpuUsage();
for (let i = 0; i < 100; i++) writeFileSync(join(dir, `logs/h${i}/new.log`), '');
await until(() => source.streams().length === LOGS + 100);
await pause(500);
const added = (cpu(fresh) * 1000) / 100;
const at = performance.now();
mkdirSync(join(dir, 'logs/new'));
writeFileSync(join(dir, 'logs/new/a.log'), `${refusal('198.51.100.1', 7)}\n`);
await until(() => pipeline.state().denials > counted);
const directory = performance.now() - at;

await pause(15_000);
const quiet = process.cpuUsage();
await pause(IDLE * 1000);
const figures: Globs = {
  start,
  later,
  memory: memoryAfterStart,
  memoryAtEnd: perLog(),
  alert: times[ALERTS / 2]!,
  slowest: times.at(-1)!,
  added,
  directory,
  idle: (cpu(quiet) / IDLE) * 100,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
await source.stop();
pipeline.close();
queue.close();
rmSync(dir, { recursive: true });
