import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test, { describe, type TestContext } from 'node:test';
import { CLI, status, writeConfig } from '../support/agent.ts';
import { clockOff, clockToSet } from '../support/clock.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('nsca', 'faketime');
const YEAR = 365 * 86_400_000;
/** How long the agent is stopped, ms. */
const STOPPED = process.env['DENYWATCH_LONG'] === undefined ? 6000 : 60_000;

const line = (n: number, at = Date.now()) => `${refusal(`192.0.2.${n}`, n, new Date(at))}\n`;

/** An agent that is run by `run`, and a monitor whose daemon is. */
async function setUp(t: TestContext, agentRun: readonly string[], nscaRun: readonly string[] = []) {
  const dir = tempDir(t);
  const log = join(dir, 'auth.log');
  writeFileSync(log, '');
  const nsca = await startNsca(t, { run: nscaRun, mode: '--single' });
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log', from: 'start' }],
    monitors: [{ nsca: `127.0.0.1:${nsca.port}`, password: 'secret' }],
    fold: { scan: false, storm: false },
  });
  const start = () => {
    const [command, ...args] = [
      ...agentRun,
      process.execPath,
      CLI,
      'run',
      '--config',
      config,
    ] as const;
    return program(t, command, args);
  };
  const refuse = (n: number, at?: number) => appendFileSync(log, line(n, at));
  const refuseBoth = (one: number, two: number) => appendFileSync(log, line(one) + line(two));
  const outputs = () => nsca.commands().map((command) => command.replace(/^.*;Denied sshd-/, ''));
  return {
    nsca,
    config,
    start,
    refuse,
    refuseBoth,
    outputs,
    status: async () => status(t, config),
  };
}

/** By how much a clock is off; half a second more, for clocks that show whole seconds. */
const OFFSETS: Record<string, boolean> = {
  '+28.5': false,
  '-28.5': false,
  '+31.5': true,
  '-31.5': true,
  '+1y': true,
  '-1y': true,
};

void describe('clocks', { concurrency: 6 }, () => {
  for (const whose of ['monitor', 'agent'] as const) {
    for (const [offset, isReported] of Object.entries(OFFSETS)) {
      const outcome = isReported ? 'is reported once' : 'does not matter';
      void test(
        `the ${whose}'s clock off by ${offset} s ${outcome}, and loses nothing`,
        NEEDS,
        async (t) => {
          const off = clockOff(offset);
          const given = await (whose === 'agent' ? setUp(t, off) : setUp(t, [], off));
          const agent = given.start();
          for (const n of [1, 2, 3]) given.refuse(n);
          const delivered = async () => (await given.status())?.monitors[0]?.delivered;
          await until('three', async () => (await delivered()) === 3);
          agent.kill();
          assert.equal(await agent.end(), 0);
          assert.equal(given.outputs().length, 3);
          const warnings = [
            ...agent.stderr().matchAll(/its clock is \d+ s (ahead of|behind) ours/g),
          ];
          const ahead = offset.startsWith('+') === (whose === 'monitor');
          assert.deepEqual(
            warnings.map(([, where]) => where),
            isReported ? [ahead ? 'ahead of' : 'behind'] : [],
          );
        },
      );
    }
  }

  void test(
    'set ahead by a year and back: no result is dropped, and no count is held back',
    NEEDS,
    async (t) => {
      const dir = tempDir(t);
      const clock = clockToSet(dir);
      const given = await setUp(t, clock.run);
      const { nsca, refuse, outputs } = given;
      await nsca.stop();
      const agent = given.start();
      const waiting = async (count: number) =>
        until(`${count}`, async () => (await given.status())?.monitors[0]?.waiting === count);
      refuse(1);
      await waiting(1);
      clock.set('+1y');
      refuse(2, Date.now() + YEAR);
      await waiting(2);
      clock.set('+0');
      given.refuseBoth(1, 2);
      await waiting(4);
      await nsca.start();
      await until('all', () => outputs().length === 4);
      assert.deepEqual(
        outputs().map((output) => output.replace(/ at \S+$/, '')),
        ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.2 (1 more in 60s)'],
      );
      agent.kill();
      assert.equal(await agent.end(), 0);
    },
  );

  void test(
    'every clock of the machine an hour ahead at once: the agent goes on',
    NEEDS,
    async (t) => {
      const dir = tempDir(t);
      const clock = clockToSet(dir, true);
      const given = await setUp(t, clock.run);
      const agent = given.start();
      given.refuse(1);
      await until('the first', () => given.outputs().length === 1);
      clock.set('+1h');
      given.refuse(2, Date.now() + 3_600_000);
      await until('the second', () => new Set(given.outputs()).size === 2);
      agent.kill();
      assert.equal(await agent.end(), 0);
    },
  );

  void test(
    'stopped in the midst of a session and continued, the agent loses nothing',
    NEEDS,
    async (t) => {
      const given = await setUp(t, []);
      const agent = given.start();
      for (let n = 0; n < 200; n++) given.refuse(n);
      await until('a session', () => given.outputs().length > 0);
      agent.kill('SIGSTOP');
      for (let n = 200; n < 250; n++) given.refuse(n);
      await pause(STOPPED);
      agent.kill('SIGCONT');
      const arrived = () => new Set(given.outputs().map((output) => output.split(' ', 1)[0]));
      await until('all', () => arrived().size === 250);
      agent.kill();
      assert.equal(await agent.end(), 0);
    },
  );
});
