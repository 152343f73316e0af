/** `denywatch reload`, and verbs that find an agent whose configuration file has changed since. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { stringify } from 'yaml';
import type { Answered } from '../../src/agent/state.ts';
import { askState } from '../../src/host/control.ts';
import { ownerOf } from '../../src/host/owner.ts';
import { CLI, writeConfig } from '../support/agent.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const SRC = new URL('../../src/', import.meta.url).href;

/** An agent as a service with a runtime directory, and verbs that look there. */
async function running(t: TestContext) {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'auth.log'), '');
  const given = {
    sources: [{ file: 'auth.log' }],
    monitors: [{ nsca: '127.0.0.1:9', password: 'secret' }],
  };
  const path = writeConfig(dir, given);
  const env = { ...process.env, RUNTIME_DIRECTORY: dir };
  const start = (verb: string, ...args: string[]) =>
    program(t, process.execPath, [CLI, verb, '--config', path, ...args], { env });
  const agent = start('run');
  const state = async () => {
    const run = start('status', '--json');
    await run.end();
    // There is no queue yet.
    if (run.stdout() === '') return { agent: null, problems: [] };
    return JSON.parse(run.stdout()) as { agent: { since: number } | null; problems: string[] };
  };
  await until('the agent', async () => (await call('status')) !== 78 && (await state()).agent);
  async function call(verb: string): Promise<number | NodeJS.Signals> {
    return start(verb).end();
  }
  return { dir, given, path, agent, start, state, call };
}

test('reload fails while the configuration has a mistake, and not before or after', async (t) => {
  const { path, given, dir, agent, start, state } = await running(t);
  const reload = async () => {
    const run = start('reload');
    return { status: await run.end(), text: run.stdout() + run.stderr() };
  };
  const { since } = (await state()).agent!;
  assert.deepEqual(await reload(), {
    status: 0,
    text: 'the agent already uses this configuration\n',
  });
  assert.match(agent.stderr(), /the configuration is unchanged/);

  writeFileSync(
    path,
    `${stringify({ queue: { path: join(dir, 'queue.db') } })}monitros: x\nfold: 7\n`,
  );
  const bad = await reload();
  assert.equal(bad.status, 1);
  assert.match(bad.text, /continues with the old configuration: the new one has 3 mistakes; /);
  const [problem = ''] = (await state()).problems;
  assert.match(problem, /^the agent is running with the old configuration: the new one has 3 mis/);

  writeConfig(dir, given);
  assert.equal((await reload()).status, 0);
  assert.match(agent.stderr(), /reloaded the configuration/);
  writeConfig(dir, { ...given, host: 'other' });
  assert.equal((await reload()).status, 0);
  // Some of them come while the agent is on the way to the new one.
  writeConfig(dir, { ...given, host: 'another' });
  const several = await Promise.all([reload(), reload(), reload(), reload()]);
  assert.deepEqual(
    several.map(({ status }) => status),
    [0, 0, 0, 0],
    several.map(({ text }) => text).join(''),
  );
  const now = await state();
  assert.equal(now.agent?.since, since, 'it is the same process');
  assert.doesNotMatch(now.problems.join(), /configuration/);

  agent.kill();
  assert.equal(await agent.end(), 0);
  assert.match((await reload()).text, /the agent is not running/);
});

test('a running agent is found whatever its configuration file says by now', async (t) => {
  const { path, given, dir, agent, state, call, start } = await running(t);
  writeConfig(dir, { ...given, queue: { path: join(dir, 'other.db') } });
  assert.ok((await state()).agent);
  const run = start('reload');
  assert.equal(await run.end(), 1);
  assert.match(run.stderr(), /another queue\.path, which needs a restart/);
  rmSync(path);
  assert.ok((await state()).agent);
  assert.equal(await call('queue'), 2);
  assert.equal(await start('queue', 'list').end(), 0);
  agent.kill('SIGKILL');
  await agent.end();
  assert.equal(await call('status'), 78, 'nobody runs with it');
});

/** `run`, with its configuration changed as soon as it was read. */
const CHANGED_AT_ONCE = `
  import { writeFileSync } from 'node:fs';
  import { startAgent } from '${SRC}agent/agent.ts';
  import { loadConfig } from '${SRC}agent/config.ts';
  import { versionOf } from '${SRC}agent/reload.ts';
  import { supervise } from '${SRC}agent/supervise.ts';
  import { openLog } from '${SRC}host/log.ts';
  const [path, changed] = process.argv.slice(1);
  const log = openLog();
  const load = () => loadConfig(path).config;
  const start = (config) => startAgent(config, { log });
  const version = versionOf(path);
  const config = load();
  writeFileSync(path, changed);
  await supervise({ log, path, load, start, control: true }, { config, version });`;

test('a change between reading the configuration and watching it is noticed', async (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'auth.log'), '');
  const monitors = [{ nsca: '127.0.0.1:9', password: 'secret' }];
  const path = writeConfig(dir, { host: 'other', sources: [{ file: 'auth.log' }], monitors });
  const changed = readFileSync(path, 'utf8');
  writeConfig(dir, { sources: [{ file: 'auth.log' }], monitors });
  const args = ['--input-type=module', '--eval', CHANGED_AT_ONCE, path, changed];
  const agent = program(t, process.execPath, args);
  await until('the change', () => agent.stderr().includes('reloaded the configuration'));
  agent.kill();
  assert.equal(await agent.end(), 0);
});

/** An NSCA daemon that greets, and never answers after that. */
async function stuckDaemon(t: TestContext): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).write(Buffer.alloc(132)));
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('the agent answers with its state while it takes a new configuration', async (t) => {
  const { given, dir, start, state } = await running(t);
  // The session with this one ends only when the agent has no more patience with it.
  const monitors = [{ nsca: `127.0.0.1:${await stuckDaemon(t)}`, password: 'secret' }];
  writeConfig(dir, { ...given, monitors });
  assert.equal(await start('reload').end(), 0);
  assert.equal(await start('send', 'firestorm', 'ssh', '0', 'fine').end(), 0);
  const queue = join(dir, 'queue.db');
  const ask = async () => (await askState(queue, ownerOf(queue))).state as Answered;
  await until('the session', async () => (await ask()).monitors?.[0]?.connected);
  const { at } = (await ask()).configuration;
  writeConfig(dir, { ...given, monitors, host: 'other' });
  const reload = start('reload');
  for (let answer = await ask(); answer.configuration.at === at; answer = await ask()) {
    assert.equal(answer.streams?.length, 1);
    assert.equal(answer.monitors?.length, 1);
  }
  assert.equal(await reload.end(), 0, reload.stderr());
  assert.ok((await state()).agent);
});
