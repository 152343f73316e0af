import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test, { describe, type TestContext } from 'node:test';
import { CLI, writeConfig } from '../support/agent.ts';
import { cpuSeconds } from '../support/cpu.ts';
import { failDisks, fill, smallDisk } from '../support/disk.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { program, type Program } from '../support/program.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'nsca', 'strace');
const COUNT = 500;
/** How long a fault lasts at least, ms. */
const LASTS = 3000;
/** A share of a core: far less than a loop would take. And what a start leaves behind, s. */
const BUSY = 0.25;
const START = 0.5;

const lines = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => {
    const n = from + i;
    return `${refusal(`10.0.${n >> 8}.${n & 255}`, n)}\n`;
  }).join('');

/** An agent with its queue on a small disk, and a monitor that takes its results. */
async function setUp(t: TestContext) {
  const dir = tempDir(t);
  const log = join(dir, 'auth.log');
  writeFileSync(log, '');
  const disk = await smallDisk(t, join(dir, 'disk'), '2m');
  const nsca = await startNsca(t, { mode: '--single' });
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log', from: 'start' }],
    monitors: [{ nsca: `127.0.0.1:${nsca.port}`, password: 'secret' }],
    fold: { scan: false, storm: false },
    queue: { path: join(dir, 'disk', 'queue.db') },
  });
  const run = (stderr?: string) => {
    const agent = [process.execPath, CLI, 'run', '--config', config];
    const shell =
      stderr === undefined ? agent : ['sh', '-c', `exec "$@" 2>${stderr}`, '-', ...agent];
    const [command = '', ...args] = [...disk.run, ...shell];
    return program(t, command, args);
  };
  const arrived = () => nsca.commands().map((line) => /;Denied sshd-(\S+)/.exec(line)?.[1]);
  return { log, config, disk, run, arrived };
}

/** Waits for some time, in which the agent must be there and all but idle. */
async function staysCalm(agent: Program): Promise<void> {
  const begin = { cpu: cpuSeconds(agent.pid), at: performance.now() };
  await pause(LASTS);
  assert.equal(agent.ended(), null, agent.stderr());
  const [cpu, seconds] = [cpuSeconds(agent.pid) - begin.cpu, (performance.now() - begin.at) / 1000];
  assert.ok(cpu < START + BUSY * seconds, `${cpu} s of CPU in ${seconds} s without a disk`);
}

type Begin = (
  given: Awaited<ReturnType<typeof setUp>>,
  agent: Program,
  t: TestContext,
) => Promise<() => Promise<void>>;

void describe("the queue's disk", { concurrency: 2 }, () => {
  const faults: Record<string, { says: RegExp; begin: Begin }> = {
    'is full': {
      says: /^error: cannot store what was read, trying again\b.*: database or disk is full/gm,
      begin: async ({ disk }) => {
        fill(disk);
        return async () => disk.remount('size=10m');
      },
    },
    'has errors': {
      says: /^warning: cannot read: i\/o error/gm,
      begin: async (_, agent, t) => failDisks(t, agent.pid, 'EIO'),
    },
    'becomes read-only': {
      says: /^error: cannot store what was read, trying again\b.*: disk I\/O error/gm,
      begin: async (_, agent, t) => failDisks(t, agent.pid, 'EROFS'),
    },
  };
  for (const [name, { says, begin }] of Object.entries(faults)) {
    void test(`a disk that ${name} is said once, and nothing is lost`, NEEDS, async (t) => {
      const given = await setUp(t);
      const { log, arrived } = given;
      const agent = given.run();
      const said = (what: RegExp) => [...agent.stderr().matchAll(what)].length;
      appendFileSync(log, lines(0, COUNT));
      await until('the first results', () => arrived().length === COUNT);
      const end = await begin(given, agent, t);
      appendFileSync(log, lines(COUNT, COUNT));
      await until('a word', () => said(says) > 0);
      await staysCalm(agent);
      assert.equal(arrived().length, COUNT);

      await end();
      await until('the rest', () => new Set(arrived()).size === 2 * COUNT);
      assert.equal(arrived().length, 2 * COUNT);
      assert.equal(said(says), 1, agent.stderr());
      agent.kill();
      assert.equal(await agent.end(), 0, agent.stderr());
      assert.equal(said(/again file=/g), 1, agent.stderr());
    });
  }

  void test('a reload while the disk is full ends well when it is over', NEEDS, async (t) => {
    const { log, disk, run, arrived, config } = await setUp(t);
    const agent = run();
    appendFileSync(log, lines(0, 1));
    await until('the first result', () => arrived().length === 1);
    fill(disk);
    appendFileSync(config, 'service: Other\n');
    const said = () => agent.stderr().includes('cannot run with the old one either; trying again');
    await until('a word', said);
    appendFileSync(log, lines(1, 1));
    await staysCalm(agent);
    disk.remount('size=10m');
    await until('the second result', () => new Set(arrived()).size === 2);
    agent.kill();
    assert.equal(await agent.end(), 0, agent.stderr());
  });

  void test('an agent whose own log cannot be written goes on', NEEDS, async (t) => {
    const { log, run, arrived } = await setUp(t);
    const agent = run('/dev/full');
    appendFileSync(log, lines(0, 1));
    await until('the result', () => arrived().length === 1);
    agent.kill();
    assert.equal(await agent.end(), 0);
  });
});
