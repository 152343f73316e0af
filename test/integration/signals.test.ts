import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chownSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { CLI, denywatch, writeConfig } from '../support/agent.ts';
import { endWithUs, hasEnded } from '../support/end-with-us.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NOBODY = 65_534;
/** Where Node's debugger listens. */
const DEBUGGER = 9229;
/** More than a busy process needs to open it, ms. */
const OPENS = 1000;

function setUp(t: TestContext): string {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'auth.log'), '');
  chownSync(dir, NOBODY, NOBODY);
  return writeConfig(dir, {
    sources: [{ file: 'auth.log' }],
    monitors: [{ nsca: '127.0.0.1:9', password: 'secret' }],
  });
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test('SIGUSR1 opens no debugger in a running agent', needs('root'), async (t) => {
  const config = setUp(t);
  const agent = program(t, process.execPath, [CLI, 'run', '--config', config], {
    uid: NOBODY,
    gid: NOBODY,
  });
  await until('the agent', () => agent.stderr().includes('reading '));
  // While it starts, and when it runs.
  for (let i = 0; i < 2; i++) {
    agent.kill('SIGUSR1');
    await pause(OPENS);
  }
  assert.equal(await isOpen(DEBUGGER), false);
  assert.doesNotMatch(agent.stderr(), /Debugger listening/);
  agent.kill();
  assert.equal(await agent.end(), 0);
});

test('SIGHUP as soon as systemd hears that the agent is ready has it reload, not end', async (t) => {
  const command = 'LISTEN_PID=$$ exec "$@"';
  const args = [process.execPath, CLI, 'run', '--config', setUp(t)];
  const child = spawn('sh', ['-c', command, 'sh', ...args], {
    env: { ...process.env, NOTIFY_SOCKET: '/run/x', LISTEN_FDNAMES: 'notify' },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = once(child, 'exit');
  endWithUs(child.pid!);
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    hasEnded(child.pid!);
  });
  let log = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (log += text));
  let reports = '';
  child.stdio[3]!.on('data', (some: Buffer) => {
    const wasReady = reports.includes('READY');
    reports += some.toString();
    if (!wasReady && reports.includes('READY')) child.kill('SIGHUP');
  });
  await until('the reload', () => log.includes('the configuration is unchanged'));
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});

const read = (pid: number, name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8');

/** Waits until a process has its own name, which it gets before it does anything. */
async function named({ pid }: { pid: number }): Promise<void> {
  await until('the name', () => read(pid, 'comm') === 'denywatch\n');
}

test('a signal at any moment of the start ends the agent', async (t) => {
  const config = setUp(t);
  const moments = Array.from({ length: 24 }, (_, n) => n * 25).values();
  const work = async () => {
    for (const moment of moments) {
      const agent = denywatch(t, 'run', '--config', config);
      await pause(moment);
      agent.kill();
      // 1: another one of them has the queue.
      assert.ok([0, 1, 'SIGTERM'].includes(await agent.end()), agent.stderr());
    }
  };
  await Promise.all([work(), work(), work()]);
});

test('the process is called denywatch, with its arguments', async (t) => {
  const send = denywatch(t, 'send', '--config', setUp(t));
  await named(send);
  const args = read(send.pid, 'cmdline').split('\0');
  assert.equal(args.includes('--config'), true);
  assert.equal(args.includes('send'), true);
});

test('receive hides its arguments and keeps its name', async (t) => {
  const receiver = denywatch(t, 'receive', '--port', '0', '--password', 'secret');
  await until('the port', () => receiver.stderr() !== '');
  assert.equal(read(receiver.pid, 'comm'), 'denywatch\n');
  assert.match(read(receiver.pid, 'cmdline'), /^denywatch receive\0*$/);
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`a verb that waits for its input ends on ${signal}`, async (t) => {
    const config = setUp(t);
    const send = denywatch(t, 'send', '--config', config);
    await named(send);
    send.kill(signal);
    assert.equal(await send.end(), signal);
  });

  test(`a verb that waits for the queue's lock ends on ${signal}`, async (t) => {
    const config = setUp(t);
    const path = join(config, '../queue.db');
    const denied = denywatch(t, 'denied', '--config', config, '192.0.2.1', 'sshd');
    assert.equal(await denied.end(), 0);
    const db = new DatabaseSync(path);
    t.after(() => db.close());
    db.exec('BEGIN IMMEDIATE');
    // It loads conf, whose handlers would wait for the event loop.
    const waiting = denywatch(t, 'run', '--config', config);
    await until('the wait', () => read(waiting.pid, 'maps').includes('-shm'));
    waiting.kill(signal);
    assert.equal(await waiting.end(), signal);
  });
}
