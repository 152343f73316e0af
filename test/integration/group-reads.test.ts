import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { describe, type TestContext } from 'node:test';
import { CLI, writeConfig } from '../support/agent.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

/** The agent's user and group, and somebody else. */
const AGENT = 65_534;
const SOMEBODY = 12_345;
/** Reads the logs too, and more of the configuration. */
const VERIFY = ['verify', '--json', '--since', '1h'];
const READING = [['status', '--json'], ['report'], ['queue', 'list']];

/** An agent that is not root, with what it reads; and verbs as another user. */
function setUp(t: TestContext) {
  const dir = tempDir(t);
  chmodSync(dir, 0o755);
  const own = join(dir, 'own');
  mkdirSync(own);
  chownSync(own, AGENT, AGENT);
  chmodSync(own, 0o750);
  writeFileSync(join(dir, 'auth.log'), `${refusal('192.0.2.1', 1)}\n`);
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log', from: 'start' }],
    monitors: [{ nsca: '127.0.0.1:9', password: 'secret' }],
    queue: { path: join(own, 'queue.db') },
  });
  const as = (uid: number, gid: number, ...args: string[]) =>
    program(t, process.execPath, [CLI, ...args, '--config', config], { uid, gid });
  return { config, as, agent: () => as(AGENT, AGENT, 'run') };
}

type Given = ReturnType<typeof setUp>;

async function waiting({ as }: Given): Promise<boolean> {
  const run = as(AGENT, AGENT, 'queue', 'list');
  await run.end();
  return run.stdout().includes('192.0.2.1');
}

void describe('a member of the group', { concurrency: 2 }, () => {
  void test(
    'reads the queue while the agent runs, and when it does not',
    needs('root'),
    async (t) => {
      const given = setUp(t);
      const agent = given.agent();
      await until('the alert', () => waiting(given));
      const outputs = async () => {
        for (const [verb = '', ...args] of [...READING, VERIFY]) {
          const run = given.as(SOMEBODY, AGENT, verb, ...args);
          await run.end();
          assert.match(
            run.stdout(),
            /192\.0\.2\.1|"denials":1|"isGood":true/,
            `${verb}: ${run.stderr()}`,
          );
          assert.equal(run.stderr(), '', verb);
        }
      };
      await outputs();
      const asked = given.as(SOMEBODY, AGENT, 'status', '--json');
      await asked.end();
      const state = JSON.parse(asked.stdout()) as { agent: { pid: number } | null };
      assert.equal(state.agent?.pid, agent.pid);
      agent.kill();
      assert.equal(await agent.end(), 0);
      await outputs();
      const drop = given.as(SOMEBODY, AGENT, 'queue', 'drop', '--all');
      assert.equal(await drop.end(), 1);
      assert.match(
        drop.stderr(),
        /may not change the queue .*: run as root, or as the agent's user \(sudo -u /,
      );
    },
  );

  void test('and nobody else: who may is said', needs('root'), async (t) => {
    const given = setUp(t);
    const agent = given.agent();
    await until('the alert', () => waiting(given));
    for (const [verb = '', ...args] of READING) {
      const run = given.as(SOMEBODY, SOMEBODY, verb, ...args);
      assert.equal(await run.end(), 1, verb);
      assert.match(
        run.stderr(),
        /may not read the queue .*: run as root, or as a member of group nogroup$/m,
      );
    }
    agent.kill();
    await agent.end();
  });

  void test('who may read a log or the configuration is said too', needs('root'), async (t) => {
    const { as, config } = setUp(t);
    const log = join(config, '../auth.log');
    for (const path of [log, config]) {
      chownSync(path, 0, AGENT);
      chmodSync(path, 0o640);
    }
    const check = as(SOMEBODY, SOMEBODY, 'check', '--offline');
    assert.equal(await check.end(), 78);
    assert.match(
      check.stderr(),
      /permission denied.*; run as root, or as a member of group nogroup$/m,
    );
    const command = [CLI, 'explain', log];
    const explain = program(t, process.execPath, command, { uid: SOMEBODY, gid: SOMEBODY });
    assert.equal(await explain.end(), 1);
    assert.match(explain.stderr(), /; run as root, or as a member of group nogroup$/m);
  });

  const FILES: Record<string, string> = {
    'a credential that only the service has': 'monitors: [{ nsca: a, credential: nsca.password }]',
    'a mistake': 'monitros: none\nfold: 7',
    'no YAML in it': 'sources: [\n  - ] "',
  };
  for (const [what, rest] of Object.entries(FILES)) {
    void test(
      `needs no more of the configuration than the queue: ${what}`,
      needs('root'),
      async (t) => {
        const given = setUp(t);
        const agent = given.agent();
        await until('the alert', () => waiting(given));
        agent.kill();
        await agent.end();
        const path = join(given.config, '../own/queue.db');
        writeFileSync(given.config, `queue: { path: ${path} }\n${rest}\n`);
        for (const [verb = '', ...args] of READING) {
          const run = given.as(SOMEBODY, AGENT, verb, ...args);
          await run.end();
          assert.match(
            run.stdout(),
            /192\.0\.2\.1|"denials":1|"isGood":true/,
            `${verb}: ${run.stderr()}`,
          );
        }
      },
    );
  }
});
