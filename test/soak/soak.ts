/**
 * Ten minutes of the agent's life, compressed: it follows logs that are rotated all the time, tells
 * two monitors that go away, is told to reload good and bad configurations, is flooded, left alone,
 * and killed. Every refusal must be counted exactly once, every numbered one reported at least once, and
 * memory, descriptors and the queue file must stay as they were.
 *
 *   npm run soak        (SOAK_MINUTES=10)
 *
 * Each minute has a flood, a quiet time, an outage of each monitor, rotations and reloads; in the
 * first quarter and in the last minute the agent is killed again and again. In between it lives on:
 * that is when memory is compared. Exit status 1 where something is not as it must be.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { askState } from '../../src/host/control.ts';
import { ownerOf } from '../../src/host/owner.ts';
import { denywatch, status, verified, writeConfig } from '../support/agent.ts';
import { startNsca } from '../support/nsca.ts';
import { startNscaNg } from '../support/nsca-ng.ts';
import { needs } from '../support/packages.ts';
import type { Program } from '../support/program.ts';
import { randomFrom } from '../support/random.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';
import { sample, trend, type Sample } from './figures.ts';
import { newWorld, numberOf } from './world.ts';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 10);
const MINUTE = 60;
const TICK = 100;
/** How long the agent may take to start, and the rest to arrive at the end, on a busy machine, ms. */
const START = 60_000;
const REST = 300_000;
/** Seconds between two rows of the table. */
const ROW = 30;
const FLOOD = 2000;
const PACE = 50;
/** Results of one session, which come again where it is cut before its end: 20 groups at most. */
const SESSION = 20 * PACE;
/** What lived shorter than this, seconds, had not the same in its first and its last quarter. */
const LIFE = 4 * MINUTE;
/** Room for what is no leak: caches that fill, garbage not collected yet. */
const ALLOWED = { residentKiB: 12 * 1024, descriptors: 3, queueKiB: 1024 };
/** What a result takes in the queue file. More of them wait on a busy machine. */
const RESULT_KIB = 1;

const isQuiet = (second: number) => second % MINUTE >= 40 && second % MINUTE < 50;
const isKilling = (second: number) =>
  second < (MINUTES * MINUTE) / 4 || second > (MINUTES - 1) * MINUTE;

test('ten minutes of everything at once', needs('nsca', 'nsca-ng-server'), async (t) => {
  const dir = tempDir(t);
  const world = newWorld(dir);
  const [nsca, ng] = [await startNsca(t, { method: 14 }), await startNscaNg(t)];
  const random = randomFrom(Number(process.env['SOAK_SEED'] ?? 1));
  const counts = { kills: 0, outages: 0, reloads: 0, refused: 0, rotations: 0 };
  const settings = (results: number) => ({
    sources: [
      { file: world.numbered, from: 'start' },
      { file: world.repeats, from: 'start' },
    ],
    monitors: [
      { nsca: `127.0.0.1:${nsca.port}`, encryption: 'aes', password: 'secret', name: 'nsca' },
      { 'nsca-ng': ng.config.name, identity: 'denywatch', password: 'secret', name: 'ng' },
    ],
    fold: { window: '2s', maxWindow: '8s', scan: false, storm: false },
    pace: { results, every: '100ms' },
    heartbeat: { every: '10s' },
  });
  const config = writeConfig(dir, settings(PACE));
  const queue = join(dir, 'queue.db');

  let said = '';
  let killing = false;
  let breaking = false;
  let agent: Program;
  const start = async () => {
    agent = denywatch(t, 'run', '--config', config);
    // An agent that has not started yet ends on SIGHUP.
    await until('the agent', () => answers(queue), START);
  };
  await start();
  const kill = async () => {
    agent.kill('SIGKILL');
    await agent.end();
    said += agent.stderr();
    counts.kills++;
    await pause(random(500));
    await start();
  };

  /** What happens in each minute, by its second. */
  const minute: Record<number, () => unknown> = {};
  const at = (seconds: readonly number[], work: () => unknown) => {
    for (const second of seconds) minute[second] = work;
  };
  const away = (monitor: typeof nsca | typeof ng, signal: NodeJS.Signals) => async () => {
    counts.outages++;
    await monitor.stop(signal);
    await pause(3000 + random(5000));
    await monitor.start();
  };
  at([2, 32], away(nsca, 'SIGKILL'));
  at([15, 45], away(ng, 'SIGTERM'));
  at([5, 20, 35, 50, 52], () => {
    world.rotate();
    counts.rotations++;
  });
  at([8, 28], () => world.write(FLOOD));
  // Not while the agent starts: it cannot reload yet, nor start with a bad configuration.
  at([12, 24, 39], () => {
    if (killing) return;
    counts.reloads++;
    writeConfig(dir, settings(PACE - random(10)));
    agent.kill('SIGHUP');
  });
  at([26, 54], async () => {
    if (killing) return;
    breaking = true;
    counts.refused++;
    writeFileSync(config, ['sources: [\n', 'sorces: x\n', '', 'fold: *x\n'][random(4)]!);
    agent.kill('SIGHUP');
    await pause(2000);
    writeConfig(dir, settings(PACE));
    breaking = false;
  });

  const samples: Sample[] = [];
  const begin = performance.now();
  const now = () => (performance.now() - begin) / 1000;
  const busy = new Set<Promise<unknown>>();
  const failures: unknown[] = [];
  const run = (work: () => unknown) => {
    const done = Promise.resolve(work()).catch((error: unknown) => failures.push(error));
    busy.add(done);
    void done.finally(() => busy.delete(done));
  };

  print(
    '     s  agent    MiB  fds  queue KiB  CPU s   written   counted   waiting  kills outages reloads',
  );
  for (let last = -1; now() < MINUTES * MINUTE && failures.length === 0; await pause(TICK)) {
    const second = Math.floor(now());
    if (!isQuiet(second)) world.write(1 + random(3));
    if (second === last) continue;
    last = second;
    const work = minute[second % MINUTE];
    if (work !== undefined) run(work);
    if (isKilling(second) && !killing && !breaking && random(4) === 0) {
      killing = true;
      run(() => kill().finally(() => (killing = false)));
    }
    const taken = sample(now(), agent!.pid, queue);
    if (taken !== null) samples.push(taken);
    if (second % ROW === ROW / 2 && taken !== null) run(() => row(taken));
  }
  await Promise.all(busy);
  assert.deepEqual(failures, []);

  // All is well again: whatever waits must arrive.
  writeConfig(dir, settings(PACE));
  agent!.kill('SIGHUP');
  const { numbered, repeats } = world.written();
  const state = async () => (await status(t, config))!;
  await until(
    'all to be counted, reported and delivered',
    async () => {
      const { totals, monitors, agent: its } = await state();
      const isReported = its?.open === 0 && monitors.every(({ waiting }) => waiting === 0);
      return isReported && (totals['denials'] ?? 0) >= numbered + repeats;
    },
    REST,
  ).catch(async (error: unknown) => print(`${String(error)}\n${JSON.stringify(await state())}`));
  assert.equal(agent!.ended(), null, agent!.stderr());
  await row(sample(now(), agent!.pid, queue)!);
  const { totals, monitors } = await state();
  agent!.kill();
  assert.equal(await agent!.end(), 0, agent!.stderr());
  said += agent!.stderr();

  const steady = samples.filter(({ pid }) => pid === longest(samples));
  const lived = steady.slice(Math.ceil(steady.length / 5));
  print(`\nin ${lived.length} s of one process, first and last quarter, slope an hour:`);
  const [oldest, newest] = [lived[0]!, lived.at(-1)!];
  const isLong = newest.at - oldest.at >= LIFE;
  const grown: string[] = [];
  const more = trend(lived, ({ waiting }) => waiting);
  const allowed = {
    ...ALLOWED,
    queueKiB: ALLOWED.queueKiB + Math.max(0, more.last - more.first) * RESULT_KIB,
  };
  for (const name of ['residentKiB', 'descriptors', 'queueKiB'] as const) {
    const { first, last, slope } = trend(lived, (one) => one[name]);
    const isFlat = last - first <= allowed[name];
    if (!isFlat && isLong) grown.push(name);
    const verdict = !isLong ? 'too short to tell' : isFlat ? 'flat' : 'GROWS';
    print(`  ${name.padEnd(12)} ${first} ${last}, ${slope.toFixed(0)}: ${verdict}`);
  }
  const share = ((newest.cpu - oldest.cpu) / (newest.at - oldest.at)) * 100;
  print(`  CPU          ${share.toFixed(1)} % of a core`);

  print(
    `${JSON.stringify(counts)}; ${numbered} numbered, ${repeats} repeats, ${totals['denials']} counted`,
  );
  const lost: string[] = [];
  for (const [name, commands] of [
    ['nsca', nsca.commands()],
    ['nsca-ng', ng.commands().flatMap(inFile)],
  ] as const) {
    const arrived = new Map<number, number>();
    for (const command of commands) {
      const number = numberOf(/;Denied sshd-([\d.]+)/.exec(command)?.[1] ?? '');
      if (number > 0) arrived.set(number, (arrived.get(number) ?? 0) + 1);
    }
    const twice = [...arrived.values()].reduce((sum, count) => sum + count - 1, 0);
    const cuts = counts.kills + counts.outages + counts.reloads;
    print(
      `${name}: ${arrived.size} of ${numbered} arrived, ${twice} again (at most ${cuts} sessions of ${SESSION} were cut)`,
    );
    if (arrived.size !== numbered) lost.push(`${name} got ${arrived.size} of ${numbered}`);
    if (twice > cuts * SESSION) lost.push(`${name} got ${twice} again`);
  }
  print(`delivered: ${monitors.map(({ name, delivered }) => `${name} ${delivered}`).join(', ')}`);
  print(await verified(t, config));
  assert.equal(totals['denials'], numbered + repeats);
  assert.deepEqual(lost, []);
  assert.deepEqual(grown, []);
  assert.doesNotMatch(said, /lost|cannot store/);

  async function row({ at: seconds, pid, residentKiB, descriptors, queueKiB, cpu }: Sample) {
    const shown = await status(t, config).catch(() => null);
    const { numbered: single, repeats: again } = world.written();
    const waiting = shown?.monitors.reduce((sum, one) => sum + one.waiting, 0) ?? NaN;
    const { kills, outages, reloads, refused } = counts;
    const cells: [string | number, number][] = [
      [Math.round(seconds), 6],
      [pid, 7],
      [(residentKiB / 1024).toFixed(1), 7],
      [descriptors, 5],
      [queueKiB, 11],
      [cpu.toFixed(1), 7],
      [single + again, 10],
      [shown?.totals['denials'] ?? NaN, 10],
      [waiting, 10],
      [kills, 7],
      [outages, 8],
      [reloads + refused, 8],
    ];
    print(cells.map(([cell, width]) => String(cell).padStart(width)).join(''));
  }
});

/**
 * A command, or those in the file that it has Nagios read: NSCA-ng says OKAY to what it can't write to
 * the pipe at once, and keeps it in such files until it can.
 */
function inFile(command: string): string[] {
  const file = / PROCESS_FILE;([^;]+)/.exec(command)?.[1];
  return file === undefined ? [command] : readFileSync(file, 'utf8').split('\n');
}

/** Whether an agent answers. */
async function answers(queue: string): Promise<boolean> {
  return (await askState(queue, ownerOf(queue))).why === 'answered';
}

/** The process that lived longest. */
function longest(samples: readonly Sample[]): number {
  const lives = Map.groupBy(samples, ({ pid }) => pid);
  return [...lives].toSorted(([, a], [, b]) => b.length - a.length)[0]![0];
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
