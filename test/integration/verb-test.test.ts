/** `denywatch test`, at a real monitor of each kind. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { KEY, startGearmand, startWorker } from '../support/gearman.ts';
import { startIcinga2 } from '../support/icinga2.ts';
import { startNagios } from '../support/nagios.ts';
import { startNrdp } from '../support/nrdp.ts';
import { startNscaNg } from '../support/nsca-ng.ts';
import { freePort } from '../support/free-port.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const SOURCES = [{ file: 'auth.log' }];
/** What a monitor may take on a busy machine. */
const timeout = '1m';

void test(
  'an OK arrives at a monitor of each kind, with and without the agent',
  needs(
    'root',
    'nsca',
    'nsca-ng-server',
    'nagios4-core',
    'icinga2-bin',
    'icinga2-common',
    'gearman-job-server',
    'gearman-tools',
    'openssl',
  ),
  async (t) => {
    const nsca = await startNsca(t);
    const nscaNg = await startNscaNg(t);
    const nrdp = await startNrdp(t);
    const nagios = await startNagios(t);
    const gearmand = await startGearmand(t);
    const worker = startWorker(t, gearmand);
    const icinga = await startIcinga2(t);
    const arrived = () => [
      nsca.commands().length,
      nscaNg.commands().length,
      nrdp.results().length,
      icinga.nodes[0]!.processed().length,
      worker.results().length,
    ];
    const dir = tempDir(t);
    writeFileSync(join(dir, 'auth.log'), '');
    writeFileSync(join(dir, 'token'), nrdp.config.token);
    const config = writeConfig(dir, {
      sources: SOURCES,
      monitors: [
        { nsca: nsca.config.name, encryption: 'xor', password: 'secret', timeout },
        { 'nsca-ng': nscaNg.config.name, identity: 'denywatch', password: 'secret', timeout },
        { nrdp: `http://127.0.0.1:${nrdp.port}/nrdp/`, tokenFile: 'token', timeout },
        {
          icinga2: `https://127.0.0.1:${icinga.nodes[0]!.port}`,
          user: 'denywatch',
          password: 'change me',
          ca: join(icinga.dir, 'ca', 'ca.crt'),
          serverName: 'mon',
          timeout,
        },
        { gearman: `127.0.0.1:${gearmand.port}`, key: KEY, timeout },
        { nagios: nagios.spool, nagiosConfig: nagios.config, timeout },
      ],
    });
    const tested = async () => {
      const run = denywatch(t, 'test', '--config', config);
      const ended = await run.end();
      assert.equal(ended, 0, run.stdout() + run.stderr());
      const lines = run.stdout().split('\n');
      assert.equal(lines.filter((line) => line.startsWith('ok ')).length, 6, run.stdout());
      assert.match(run.stdout(), /^ok .*: TCP Wrappers of host firestorm: taken: Icinga has proc/m);
      assert.match(run.stdout(), /^note .*: "Test by denywatch at .*": look for it in Icinga Web/m);
    };
    await tested();
    await until('one everywhere', () => arrived().every((count) => count === 1));
    const agent = denywatch(t, 'run', '--config', config);
    await until('the agent', async () => (await status(t, config))?.agent);
    await tested();
    await until('another one everywhere', () => arrived().every((count) => count === 2));
    assert.match(nsca.commands()[1] ?? '', /firestorm;TCP Wrappers;0;Test by denywatch at/);
    agent.kill();
    await agent.end();
  },
);

void test('what a monitor does not take is shown, and does not wait', needs('nsca'), async (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'auth.log'), '');
  const down = await freePort();
  const monitors = [{ nsca: `127.0.0.1:${down}`, encryption: 'xor', credential: 'nsca.password' }];
  const config = writeConfig(dir, { sources: SOURCES, monitors });
  writeFileSync(join(dir, 'nsca.password'), 'secret');
  const tested = async () => {
    const run = denywatch(t, 'test', '--config', config);
    return { ended: await run.end(), text: run.stdout() + run.stderr() };
  };
  const locked = await tested();
  assert.equal(locked.ended, 78, 'only the service has the password');
  process.env['CREDENTIALS_DIRECTORY'] = dir;
  t.after(() => delete process.env['CREDENTIALS_DIRECTORY']);
  const alone = await tested();
  assert.equal(alone.ended, 1);
  assert.match(alone.text, /^problem .*: TCP Wrappers of host firestorm: not taken: .*refused/m);
  const agent = denywatch(t, 'run', '--config', config);
  delete process.env['CREDENTIALS_DIRECTORY'];
  await until('the agent', async () => (await status(t, config))?.agent);
  const through = await tested();
  assert.equal(through.ended, 1);
  assert.match(through.text, /^problem .*: not taken: .*refused/m);
  assert.equal((await status(t, config))?.monitors[0]?.waiting, 0);
  agent.kill();
  await agent.end();
});

void test('Ctrl-C takes back what no monitor has taken yet', async (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'auth.log'), '');
  const silent = createServer().listen(0, '127.0.0.1');
  t.after(() => silent.close());
  const sockets: Socket[] = [];
  silent.on('connection', (socket) => sockets.push(socket.on('error', () => {})));
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const monitors = [{ nsca: `127.0.0.1:${port}`, password: 'secret', timeout }];
  const config = writeConfig(dir, { sources: SOURCES, monitors });
  const agent = denywatch(t, 'run', '--config', config);
  await until('the agent', async () => (await status(t, config))?.agent);
  const run = denywatch(t, 'test', '--config', config);
  const waiting = async () => (await status(t, config))?.monitors[0]?.waiting;
  await until('the result in the queue', async () => (await waiting()) === 1);
  run.kill('SIGINT');
  assert.equal(await run.end(), 'SIGINT');
  assert.equal((await waiting()) ?? 0, 0);
  agent.kill();
  await agent.end();
});
