/**
 * A flood through the pipeline and a queue file: refusals within a minute of the log's time, five
 * of each client. Prints as JSON what came of it and what it cost.
 *
 *   node --expose-gc test/bench/flood.ts [LINES]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepMemorySmall } from '../../src/host/memory.ts';
import { newPipeline, openQueue, waiting } from '../support/pipeline.ts';

export interface Flood {
  readonly lines: number;
  /** Results queued; those of them that summarise a storm; denials that all of them count. */
  readonly results: number;
  readonly summaries: readonly string[];
  readonly reported: number;
  /** Denials counted and not reported. */
  readonly open: number;
  /** What the queue's total says. */
  readonly denials: number;
  readonly microsecondsCpuPerLine: number;
  /** Resident, before the first line and at most. */
  readonly megabytes: { readonly idle: number; readonly most: number };
}

keepMemorySmall();

const LINES = Number(process.argv[2] ?? 1_000_000);
const CLIENTS = LINES / 5;
const MINUTE = 60_000;
/** As much as a source hands over at once. */
const BLOCK = 65_536;
const LONGEST = 200;
const STREAM = '/var/log/auth.log';
const BEGIN = Date.UTC(2026, 10, 22, 21);
/** Odd: multiplied by it modulo 2^32, no two numbers give the same address. */
const SPREAD = 2_654_435_761;

function line(i: number): string {
  const n = Math.imul(1 + (i % CLIENTS), SPREAD) >>> 0;
  const client = `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;
  const at = new Date(BEGIN + Math.floor((i * MINUTE) / LINES)).toISOString();
  return `${at} gw sshd[${i % 30_000}]: refused connect from ${client} (${client})\n`;
}

const resident = () => process.memoryUsage.rss() / 1_048_576;

function flood(path: string): Flood {
  const queue = openQueue(path);
  const pipeline = newPipeline(queue, [STREAM], { now: () => BEGIN + 2 * MINUTE });
  const buffer = Buffer.alloc(BLOCK);
  let cpu = 0;
  globalThis.gc?.();
  const idle = resident();
  let most = idle;
  for (let i = 0; i < LINES;) {
    let length = 0;
    for (; i < LINES && length < BLOCK - LONGEST; i++) length += buffer.write(line(i), length);
    const before = process.cpuUsage();
    pipeline.take({ stream: STREAM, bytes: buffer.subarray(0, length), position: { lines: i } });
    const { user, system } = process.cpuUsage(before);
    cpu += user + system;
    most = Math.max(most, resident());
  }
  pipeline.caughtUp(STREAM);
  const { open } = pipeline.state();
  pipeline.close();
  const outputs = waiting(queue).map(({ output }) => output);
  const { denials = 0 } = queue.overview.totals();
  queue.close();
  const counts = outputs.map((output) => Number(/ (\d+) connections/.exec(output)?.[1] ?? 1));
  return {
    lines: LINES,
    results: outputs.length,
    summaries: outputs.filter((output) => output.includes('connections from')),
    reported: counts.reduce((sum, count) => sum + count, 0),
    open,
    denials,
    microsecondsCpuPerLine: Number((cpu / LINES).toFixed(2)),
    megabytes: { idle: Math.round(idle), most: Math.round(most) },
  };
}

const dir = mkdtempSync(join(tmpdir(), 'denywatch-flood-'));
try {
  process.stdout.write(`${JSON.stringify(flood(join(dir, 'queue.db')))}\n`);
} finally {
  rmSync(dir, { recursive: true });
}
