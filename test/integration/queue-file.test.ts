import assert from 'node:assert/strict';
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { describe, type TestContext } from 'node:test';
import { CLI, denywatch, status, writeConfig } from '../support/agent.ts';
import { smallDisk } from '../support/disk.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

/** The file's first page counts the changes. */
const PAGE = 4096;

/** A log with a refusal, and the configuration of an agent whose monitor is not there. */
function setUp(t: TestContext, folder = '.') {
  const dir = tempDir(t);
  const log = join(dir, 'auth.log');
  writeFileSync(log, `${refusal('192.0.2.1', 1)}\n`);
  const queue = join(dir, folder, 'queue.db');
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log', from: 'start' }],
    monitors: [{ nsca: '127.0.0.1:9', password: 'secret' }],
    queue: { path: queue },
  });
  const run = () => denywatch(t, 'run', '--config', config);
  const denials = async () => (await status(t, config))?.totals['denials'] ?? 0;
  return { dir, log, queue, config, run, denials };
}

/** A queue file as an agent leaves it that has read the log. */
async function madeBy({ run, denials }: ReturnType<typeof setUp>): Promise<void> {
  const agent = run();
  await until('the refusal', async () => (await denials()) === 1);
  agent.kill();
  assert.equal(await agent.end(), 0);
}

const DAMAGES: Record<string, (path: string) => void> = {
  'is no database': (path) => writeFileSync(path, 'something else entirely. '.repeat(500)),
  'is cut off': (path) => truncateSync(path, 20_000),
  'has other bytes in the middle': (path) => {
    const bytes = readFileSync(path);
    bytes.fill(0xa5, PAGE, 10 * PAGE);
    writeFileSync(path, bytes);
  },
};

void describe('the queue file', { concurrency: 3 }, () => {
  for (const [what, damage] of Object.entries(DAMAGES)) {
    void test(`that ${what} is left as it is, and the agent says what to do`, async (t) => {
      const given = setUp(t);
      await madeBy(given);
      damage(given.queue);
      const content = () => readFileSync(given.queue).subarray(PAGE);
      const before = content();
      const agent = given.run();
      assert.equal(await agent.end(), 1);
      assert.match(
        agent.stderr(),
        /^denywatch run: the queue \S+queue\.db \(queue\.path\) is damaged: .*Move it away/m,
      );
      assert.deepEqual(content(), before);
      rmSync(given.queue);
      await madeBy(given);
    });
  }

  void test('of a newer version is refused', async (t) => {
    const given = setUp(t);
    await madeBy(given);
    const db = new DatabaseSync(given.queue);
    db.exec('PRAGMA user_version = 1000');
    db.close();
    const agent = given.run();
    assert.equal(await agent.end(), 1);
    assert.match(agent.stderr(), /is of a newer denywatch \(version 1000\): update denywatch/);
  });

  void test('of a running agent is for no second one, and the first goes on', async (t) => {
    const { log, run, denials } = setUp(t);
    const first = run();
    await until('the refusal', async () => (await denials()) === 1);
    const second = run();
    assert.equal(await second.end(), 1);
    assert.match(
      second.stderr(),
      /another denywatch is running with the queue \S+queue\.db: stop it/,
    );
    appendFileSync(log, `${refusal('192.0.2.2', 2)}\n`);
    await until('the next refusal', async () => (await denials()) === 2);
    assert.equal(first.ended(), null);
  });

  const WAYS: Record<string, (queue: string, dir: string) => string> = {
    'through a link to it': (queue, dir) => {
      symlinkSync(queue, join(dir, 'other.db'));
      return join(dir, 'other.db');
    },
    'through a link to its directory': (_, dir) => {
      symlinkSync(dir, `${dir}/self`);
      return join(dir, 'self', 'queue.db');
    },
    'under another name': (queue, dir) => {
      linkSync(queue, join(dir, 'other.db'));
      return join(dir, 'other.db');
    },
    'after its lock was removed': (queue) => {
      rmSync(`${queue}.lock`);
      return queue;
    },
  };
  for (const [way, prepare] of Object.entries(WAYS)) {
    void test(`of a running agent is for no second one ${way}`, async (t) => {
      const { dir, log, queue, run, denials } = setUp(t);
      const first = run();
      await until('the refusal', async () => (await denials()) === 1);
      const path = prepare(queue, dir);
      mkdirSync(join(dir, 'second'));
      const config = writeConfig(join(dir, 'second'), {
        sources: [{ file: log, from: 'start' }],
        monitors: [{ nsca: '127.0.0.1:9', password: 'secret' }],
        queue: { path },
      });
      const second = denywatch(t, 'run', '--config', config);
      assert.equal(await second.end(), 1);
      assert.match(
        second.stderr(),
        /another denywatch is running with the queue|is a symbolic link|is one file with 2 names/,
      );
      appendFileSync(log, `${refusal('192.0.2.2', 2)}\n`);
      rmSync(join(dir, 'other.db'), { force: true });
      await until('the next refusal', async () => (await denials()) === 2);
      assert.equal(first.ended(), null);
    });
  }

  void test('that is removed while the agent runs is missed once', async (t) => {
    const { log, queue, run, denials } = setUp(t);
    const agent = run();
    await until('the refusal', async () => (await denials()) === 1);
    rmSync(queue);
    const missed = () => [...agent.stderr().matchAll(/^error: the queue file \S+ was removed/gm)];
    for (const n of [2, 3]) {
      appendFileSync(log, `${refusal(`192.0.2.${n}`, n)}\n`);
      await until('a word on it', () => missed().length > 0);
    }
    agent.kill();
    assert.equal(await agent.end(), 0);
    assert.equal(missed().length, 1);
  });

  void test('that was removed under a running agent is for no second one', async (t) => {
    const { queue, run, denials } = setUp(t);
    run();
    await until('the refusal', async () => (await denials()) === 1);
    rmSync(queue);
    const second = run();
    assert.equal(await second.end(), 1);
    assert.match(second.stderr(), /another denywatch is running with the queue/);
  });

  void test('on a disk that cannot be written is said at the start', needs('root'), async (t) => {
    const given = setUp(t, 'disk');
    const disk = await smallDisk(t, join(given.dir, 'disk'), '2m');
    const run = () => {
      const [command = '', ...args] = disk.run;
      return program(t, command, [...args, process.execPath, CLI, 'run', '--config', given.config]);
    };
    disk.remount('ro');
    const refused = run();
    assert.equal(await refused.end(), 1);
    assert.match(refused.stderr(), /cannot create \S+queue\.db\.lock \(beside queue\.path\): /);
    disk.remount('rw');
    const agent = run();
    await until('the agent', () => agent.stderr().includes("can't connect to 127.0.0.1:9"));
    agent.kill();
    assert.equal(await agent.end(), 0);
  });
});
