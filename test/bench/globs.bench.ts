/**
 * Thousands of logs under a pattern: what the start costs, a new log, an alert from any of them, and
 * nothing at all. With the real pipeline and queue file, without a monitor. Arguments: logs and
 * directories (10,000 and 1,000).
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

const [LOGS = 10_000, DIRECTORIES = 1_000] = process.argv.slice(2).map(Number);
const ALERTS = 50;
/** How long nothing happens, s. */
const IDLE = 30;

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
const say = (what: string, value: number, unit: string) =>
  process.stdout.write(`${what}: ${value.toPrecision(3)} ${unit}\n`);

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
say(`first start with ${LOGS} logs in ${DIRECTORIES} directories, CPU`, cpu(began), 's');
say('memory a log', (memory() - before) / LOGS / 1024, 'KiB');

await source.stop();
const again = process.cpuUsage();
source = openFileSource(settings, pipeline);
await source.drained();
say('a later start, CPU', cpu(again), 's');

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
say('an alert, median', times[ALERTS / 2]!, 'ms');
say('an alert, the slowest of 50', times.at(-1)!, 'ms');

await pause(2_000);
const fresh = process.cpuUsage();
for (let i = 0; i < 100; i++) writeFileSync(join(dir, `logs/h${i}/new.log`), '');
await until(() => source.streams().length === LOGS + 100);
await pause(500);
say('a new log, CPU', (cpu(fresh) * 1000) / 100, 'ms');
const at = performance.now();
mkdirSync(join(dir, 'logs/new'));
writeFileSync(join(dir, 'logs/new/a.log'), `${refusal('198.51.100.1', 7)}\n`);
await until(() => pipeline.state().denials > counted);
say("a new directory's first line", performance.now() - at, 'ms');

await pause(15_000);
const idle = process.cpuUsage();
await pause(IDLE * 1000);
say('idle', (cpu(idle) / IDLE) * 100, '% of a core');
say('heap used', process.memoryUsage().heapUsed / 2 ** 20, 'MiB');
say('memory a log, at the end', (memory() - before) / LOGS / 1024, 'KiB');
await source.stop();
pipeline.close();
queue.close();
rmSync(dir, { recursive: true });
