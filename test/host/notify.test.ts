import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pino } from 'pino';
import { notifier } from '../../src/host/notify.ts';
import { feedWatchdog, stuckWhen, watchdogInterval } from '../../src/host/watchdog.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const silent = pino({ enabled: false });

/** An environment whose `systemd-notify` writes its arguments to a file, one message a line. */
function fakeHelper(t: TestContext, shell = '') {
  const dir = tempDir(t);
  const path = join(dir, 'systemd-notify');
  writeFileSync(path, `#!/bin/sh\n${shell}\necho "$*" >> ${dir}/messages\n`);
  chmodSync(path, 0o755);
  writeFileSync(join(dir, 'messages'), '');
  return {
    env: { NOTIFY_SOCKET: '/run/systemd/notify', PATH: `${dir}:${process.env['PATH']}` },
    messages: () => readFileSync(join(dir, 'messages'), 'utf8').split('\n').slice(0, -1),
  };
}

void test('messages arrive one after the other, in order', async (t) => {
  const helper = fakeHelper(t, 'sleep 0.02');
  const notify = notifier(helper.env);
  notify.ready();
  notify.reloading();
  notify.ready();
  notify.watchdog();
  notify.stopping();
  await until('five messages', () => helper.messages().length >= 5);
  const messages = helper.messages().map((line) => line.replace(/\d{4,}/, 'N'));
  assert.deepEqual(messages, [
    'READY=1',
    'RELOADING=1 MONOTONIC_USEC=N',
    'READY=1',
    'WATCHDOG=1',
    'STOPPING=1',
  ]);
});

void test('a status goes along with the next message, or alone after ten seconds', async (t) => {
  const helper = fakeHelper(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const notify = notifier(helper.env);
  notify.status('reading');
  notify.status('2 results\nwait');
  notify.ready();
  t.mock.timers.tick(9_000);
  notify.watchdog();
  notify.status('2 results wait');
  t.mock.timers.tick(10_000);
  notify.status('none waits');
  t.mock.timers.tick(9_999);
  notify.status('1 result waits');
  t.mock.timers.tick(1);
  t.mock.timers.reset();
  await until('three messages', () => helper.messages().length >= 3);
  assert.deepEqual(helper.messages(), [
    'READY=1 STATUS=2 results wait',
    'WATCHDOG=1',
    'STATUS=1 result waits',
  ]);
});

void test('without NOTIFY_SOCKET nothing is sent', async (t) => {
  const helper = fakeHelper(t);
  const silentOne = notifier({ ...helper.env, NOTIFY_SOCKET: '' });
  silentOne.ready();
  silentOne.stopping();
  notifier(helper.env).watchdog();
  await until('a message', () => helper.messages().length > 0);
  assert.deepEqual(helper.messages(), ['WATCHDOG=1']);
});

void test('a missing or failing systemd-notify is logged once and never throws', async (t) => {
  const warned: string[] = [];
  const log = pino({ base: null }, { write: (line) => void warned.push(line) });
  const missing = notifier({ NOTIFY_SOCKET: '/run/x', PATH: tempDir(t) }, log);
  missing.ready();
  missing.watchdog();
  await until('a warning', () => warned.length > 0);
  const failing = notifier(fakeHelper(t, 'exit 1').env, log);
  failing.ready();
  await until('another', () => warned.length > 1);
  assert.match(warned[0] ?? '', /ENOENT.*install systemd-notify/);
  assert.match(warned[1] ?? '', /systemd-notify ended with 1/);
  assert.equal(warned.length, 2);
});

void test('an inherited descriptor is used instead of a process', () => {
  const script = `
    const { notifier } = await import('${new URL('../../src/host/notify.ts', import.meta.url).href}');
    const env = { NOTIFY_SOCKET: '/run/x', LISTEN_PID: String(process.pid), LISTEN_FDS: '2',
      LISTEN_FDNAMES: 'other:notify', PATH: '/nowhere' };
    const notify = notifier(env);
    notify.status('well');
    notify.ready();`;
  const { output } = spawnSync(process.execPath, ['-e', script], {
    stdio: ['ignore', 'pipe', 'inherit', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  assert.equal(output[4], 'READY=1\nSTATUS=well');
});

void test('the watchdog is fed while every stage moves, and starves while one is stuck', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let fed = 0;
  let waiting = 0;
  let delivered = 0;
  const stop = feedWatchdog(
    { watchdog: () => void fed++ },
    {
      source: () => false,
      delivery: stuckWhen(
        () => waiting > 0,
        () => delivered,
      ),
    },
    silent,
    60_000,
  );
  const afterTicks = (count: number) => {
    t.mock.timers.tick(count * 60_000);
    return fed;
  };
  assert.equal(fed, 1);
  assert.equal(afterTicks(2), 3);
  waiting = 5; // Work that has just come is not stuck yet.
  assert.equal(afterTicks(1), 4);
  assert.equal(afterTicks(2), 4);
  delivered++;
  assert.equal(afterTicks(1), 5);
  assert.equal(afterTicks(1), 5);
  waiting = 0;
  assert.equal(afterTicks(1), 6);
  stop();
  assert.equal(afterTicks(3), 6);
});

void test('the watchdog interval is half the time that systemd waits', () => {
  assert.equal(watchdogInterval({ WATCHDOG_USEC: '120000000' }), 60_000);
  const pid = `${process.pid}`;
  assert.equal(watchdogInterval({ WATCHDOG_USEC: '120000000', WATCHDOG_PID: pid }), 60_000);
  assert.equal(watchdogInterval({ WATCHDOG_USEC: '120000000', WATCHDOG_PID: '1' }), undefined);
  assert.equal(watchdogInterval({}), undefined);
});
