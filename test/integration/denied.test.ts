import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type TestContext } from 'node:test';
import { connect } from 'node:net';
import { CLI, denywatch, status, writeConfig } from '../support/agent.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

/** How long the queue's lock is held: longer than denied waits, ms. */
const HELD = 30_000;

/** Most files beside a queue of 1 MiB. */
const MOST = 16;

function setUp(t: TestContext, size = '256MiB') {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'auth.log'), '');
  const queue = join(dir, 'queue.db');
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log' }],
    monitors: [{ nsca: '127.0.0.1:9', password: 'secret' }],
    queue: { path: queue, size },
  });
  const denied = (client: string) => denywatch(t, 'denied', '--config', config, client, 'sshd');
  const spooled = () => readdirSync(`${queue}.spool`);
  return { dir, queue, config, denied, spooled };
}

test('a denial that cannot get into a locked queue waits in a file, and is counted once', async (t) => {
  const { queue, config, denied, spooled } = setUp(t);
  const agent = denywatch(t, 'run', '--config', config);
  const denials = async () => (await status(t, config))?.totals['denials'] ?? 0;
  await until('the agent', async () => (await status(t, config))?.agent?.streams.length === 1);
  assert.equal(await denied('192.0.2.1').end(), 0);
  const db = new DatabaseSync(queue, { timeout: 20_000 });
  t.after(() => db.close());
  db.exec('BEGIN IMMEDIATE');
  assert.equal(await denied('192.0.2.2').end(HELD), 0);
  assert.equal(spooled().length, 1);
  db.exec('COMMIT');
  await until('both', async () => (await denials()) === 2);
  await until('the file to go', () => spooled().length === 0);
  agent.kill();
  assert.equal(await agent.end(), 0);
});

test('of the files beside the queue there are no more than may be, and nothing else is taken', async (t) => {
  const { queue, config, denied, spooled } = setUp(t, '1MiB');
  writeFileSync(queue, 'no queue');
  const clients = Array.from({ length: MOST }, (_, i) => `192.0.2.${i}`);
  await Promise.all(clients.map((client) => denied(client).end()));
  assert.equal(await denied('192.0.2.100').end(), 1);
  assert.equal(spooled().length, MOST);
  writeFileSync(join(`${queue}.spool`, '1795769404000-1-0123456789abcdef.json'), '{"at":"x"');
  writeFileSync(join(`${queue}.spool`, 'README'), 'not ours');
  writeFileSync(queue, '');
  const agent = denywatch(t, 'run', '--config', config);
  await until('the denials', async () => (await status(t, config))?.totals['denials'] === MOST);
  await until('the files to go', () => spooled().join() === 'README');
  agent.kill();
  assert.equal(await agent.end(), 0);
});

test('whoever was refused reads nothing of ours, whatever goes wrong', async (t) => {
  const { dir, queue, config } = setUp(t);
  const wrong = join(dir, 'wrong.yaml');
  writeFileSync(wrong, `nonsense: 1\nqueue: { path: ${queue} }\n`);
  const heard: string[] = [];
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const CALLS = [
    ['--config', join(dir, 'missing.yaml'), '192.0.2.1', 'sshd'],
    ['--config', config, '--no-such', '192.0.2.1', 'sshd'],
    ['--config', config, '192.0.2.1'],
    ['--config', wrong, '192.0.2.1', 'sshd'],
    ['--config', config, '192.0.2.1', 'sshd'],
  ];
  for (const args of CALLS) {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [socket] = (await once(server, 'connection')) as [Socket];
    // As tcpd and inetd do it: the connection is all three.
    const child = spawn(process.execPath, [CLI, 'denied', ...args], {
      stdio: [socket, socket, socket],
    });
    socket.pause();
    await once(child, 'exit');
    socket.destroy();
    heard.push(await text(client));
  }
  assert.deepEqual(
    heard,
    CALLS.map(() => ''),
  );
});

test('where nobody is on the other side, a mistake is said', async (t) => {
  const { dir } = setUp(t);
  const said = join(dir, 'said');
  const file = openSync(said, 'w');
  const missing = ['--config', join(dir, 'missing.yaml'), '192.0.2.1', 'sshd'];
  const run = program(t, process.execPath, [CLI, 'denied', ...missing], {
    stdio: ['ignore', file, file],
  });
  assert.equal(await run.end(), 78);
  closeSync(file);
  assert.match(readFileSync(said, 'utf8'), /there is no such file/);
});
