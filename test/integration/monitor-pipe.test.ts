/** Results by way of the command pipe of a real Nagios on this machine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pino } from 'pino';
import { startDelivery } from '../../src/delivery/delivery.ts';
import { openNagios } from '../../src/monitor/nagios/nagios.ts';
import { critical, memoryOutbox } from '../delivery/memory-outbox.ts';
import { alertsOf, startNagios, type Nagios } from '../support/nagios.ts';
import { needs } from '../support/packages.ts';
import { sendAll } from '../support/session.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'nagios4-core');
const log = pino({ level: 'silent' });
const pace = { results: null, every: null };
/** It forks for each notification, which for 5,000 takes minutes on a busy machine. */
const UNNOTIFIED = { settings: ['enable_notifications=0'] };
/** What can be written to a pipe that is not counted as delivered yet. */
const IN_FLIGHT = 1000;

function settingsOf(path: string, timeout = 60_000) {
  return { kind: 'nagios', name: 'local', path, config: null, timeout } as const;
}

/** Delivers so many numbered results, while `trouble` does something to Nagios. */
async function deliver(
  t: TestContext,
  nagios: Nagios,
  trouble: (delivered: () => number) => Promise<void>,
) {
  const outbox = memoryOutbox();
  const outputs = Array.from({ length: 5000 }, (_, n) => `number ${n}`);
  outbox.add(...outputs);
  const delivery = startDelivery(openNagios(settingsOf(nagios.commandFile)), outbox, { pace, log });
  t.after(() => delivery.stop(0));
  await trouble(() => outbox.done.length);
  await until('all to be delivered', () => outbox.queued.length === 0);
  await delivery.stop(60_000);
  await sendAll(await openNagios(settingsOf(nagios.commandFile)).open(t.signal), [
    critical('the end'),
  ]);
  await until('the last', () => alertsOf(nagios).at(-1) === 'the end');
  const seen = alertsOf(nagios).slice(0, -1);
  return { outputs, seen, lost: outputs.length - new Set(seen).size };
}

void test(
  'what is sent arrives as it was, 5,000 results in order and none of them lost',
  NEEDS,
  async (t) => {
    const nagios = await startNagios(t, UNNOTIFIED);
    const session = await openNagios(settingsOf(nagios.commandFile)).open(t.signal);
    const texts = ['Denied sshd-203.0.113.7', 'C:\\new\\table', 'größer', '= # { }'];
    assert.deepEqual(await sendAll(session, texts.map(critical)), []);
    await session.finish();
    await until('the alerts', () => alertsOf(nagios).length >= texts.length);
    assert.deepEqual(alertsOf(nagios), texts);
    const { outputs, seen } = await deliver(t, nagios, async () => {});
    assert.deepEqual(seen.slice(texts.length), outputs);
  },
);

void test(
  'of 5,000 results few are lost when Nagios is ended and killed in the middle',
  NEEDS,
  async (t) => {
    const nagios = await startNagios(t, UNNOTIFIED);
    let taken = 0;
    const { seen, lost } = await deliver(t, nagios, async (delivered) => {
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        const before = alertsOf(nagios).length;
        await until('some alerts', () => alertsOf(nagios).length > before + 1000);
        await nagios.stop(signal);
        // It may also have logged more than counts as delivered yet.
        taken += Math.max(0, delivered() - new Set(alertsOf(nagios)).size);
        await nagios.start();
      }
    });
    t.diagnostic(`${lost} of 5000 lost, ${seen.length - new Set(seen).size} came twice`);
    // What Nagios had taken out of its pipe when it ended, and what was on its way there.
    assert.ok(lost <= taken + IN_FLIGHT, `${lost} lost of ${taken} taken`);
  },
);

void test(
  'a Nagios that does not run is distinguished from one that takes no commands',
  NEEDS,
  async (t) => {
    const nagios = await startNagios(t);
    const monitor = openNagios(settingsOf(nagios.commandFile));
    await nagios.stop('SIGKILL');
    await assert.rejects(monitor.open(t.signal), {
      kind: 'down',
      message: /nobody reads .*: Nagios is not running/,
    });
    // An orderly end removes it.
    rmSync(nagios.commandFile);
    await assert.rejects(monitor.open(t.signal), {
      kind: 'down',
      message: /takes no external commands/,
    });
  },
);

void test('a session in which Nagios goes away is not taken for good', NEEDS, async (t) => {
  const nagios = await startNagios(t);
  const monitor = openNagios(settingsOf(nagios.commandFile));
  const session = await monitor.open(t.signal);
  await sendAll(session, [critical('one')]);
  await nagios.stop();
  await assert.rejects(session.finish(), { kind: 'down' });
  session.abort();
});

void test('a pipe that is full is waited for, and then said to be stuck', async (t) => {
  const path = join(tempDir(t), 'nagios.cmd');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  t.after(() => closeSync(reader));
  const session = await openNagios(settingsOf(path, 1000)).open(t.signal);
  const many = Array.from({ length: 1000 }, (_, n) => critical(`number ${n}`));
  await assert.rejects(sendAll(session, many), { kind: 'busy', message: /has been full for 1 s/ });
  session.abort();
});

void test('a plain file or a symbolic link in place of the pipe is not written to', async (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'nagios.cmd');
  const open = async () => openNagios(settingsOf(path)).open(t.signal);
  await assert.rejects(open(), { kind: 'down' });
  writeFileSync(path, 'plain');
  await assert.rejects(open(), {
    kind: 'local',
    message: /is not a pipe, so nothing is written to it/,
  });
  assert.equal(readFileSync(path, 'utf8'), 'plain');
  rmSync(path);
  assert.equal(spawnSync('mkfifo', [join(dir, 'other')]).status, 0);
  const reader = openSync(join(dir, 'other'), constants.O_RDONLY | constants.O_NONBLOCK);
  t.after(() => closeSync(reader));
  symlinkSync(join(dir, 'other'), path);
  await assert.rejects(open(), { kind: 'local', message: /is not a pipe/ });
});
