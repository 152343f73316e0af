import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import type { MetricsConfig } from '../../src/host/metrics-config.ts';
import { openMetrics } from '../../src/host/metrics.ts';
import { freePort } from '../support/free-port.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const broken = () => {
  throw new Error('disk I/O error');
};
const TYPE = 'text/plain; version=0.0.4';

/** Metrics that count how often they were asked for, and what was warned of. */
function given(t: TestContext, config: Partial<MetricsConfig>) {
  const warnings: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => warnings.push(line) });
  let asked = 0;
  const outlet = openMetrics(
    { file: null, listen: null, ...config },
    () => `n ${++asked}\n`,
    TYPE,
    log,
  );
  t.after(() => outlet.close());
  return { outlet, warnings, asked: () => asked };
}

async function get(where: object, method = 'GET') {
  const asking = request({ ...where, method }).end();
  const [response] = (await once(asking, 'response')) as [import('node:http').IncomingMessage];
  return {
    status: response.statusCode,
    type: response.headers['content-type'],
    body: await text(response),
  };
}

/** The same, as soon as somebody listens. */
const getSoon = async (where: object) =>
  until('an answer', async () => get(where).catch(() => null));

test('the file is written when something has changed, readable by all, and goes with the agent', async (t) => {
  const file = join(tempDir(t), 'run', 'denywatch.prom');
  const { outlet, asked } = given(t, { file });
  assert.equal(asked(), 0);
  outlet.write();
  outlet.write();
  assert.equal(readFileSync(file, 'utf8'), 'n 2\n');
  assert.equal(statSync(file).mode & 0o777, 0o644);
  await outlet.close();
  assert.ok(!existsSync(file));
});

test('whoever has the old file open reads the old text whole', (t) => {
  const file = join(tempDir(t), 'denywatch.prom');
  const { outlet } = given(t, { file });
  outlet.write();
  const before = statSync(file).ino;
  outlet.write();
  assert.notEqual(statSync(file).ino, before);
});

test('a file that cannot be written is said once, with its key', (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'file'), '');
  const { outlet, warnings } = given(t, { file: join(dir, 'file', 'denywatch.prom') });
  outlet.write();
  outlet.write();
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /cannot write .*denywatch.prom: .*metrics\.file/);
});

test('GET /metrics answers on loopback; other paths and methods do not', async (t) => {
  const listen = { host: '127.0.0.1', port: await freePort() };
  given(t, { listen });
  assert.deepEqual(await getSoon({ ...listen, path: '/metrics' }), {
    status: 200,
    type: TYPE,
    body: 'n 1\n',
  });
  assert.equal((await get({ ...listen, path: '/metrics?name=x' })).body, 'n 2\n');
  assert.equal((await get({ ...listen, path: '/' })).status, 404);
  assert.equal((await get({ ...listen, path: '/metrics' }, 'POST')).status, 405);
  assert.equal((await get({ ...listen, path: '/metrics' }, 'HEAD')).body, '');
});

test('a socket that a killed agent left is taken over; another file is left alone', async (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'metrics.sock');
  const code = `require('node:net').createServer().listen(${JSON.stringify(path)})`;
  const killed = program(t, process.execPath, ['-e', code]);
  await until('a socket', () => existsSync(path));
  killed.kill('SIGKILL');
  await killed.end();
  given(t, { listen: { path } });
  assert.equal((await getSoon({ socketPath: path, path: '/metrics' })).body, 'n 1\n');

  const file = join(dir, 'precious');
  writeFileSync(file, 'text');
  const { warnings } = given(t, { listen: { path: file } });
  await until('a warning', () => warnings.length > 0);
  assert.match(warnings[0]!, /cannot listen on .*precious: name another metrics\.listen/);
  assert.equal(readFileSync(file, 'utf8'), 'text');
});

test('a socket in a place that cannot be examined is a warning, and no end of the agent', async (t) => {
  const dir = tempDir(t);
  symlinkSync('loop', join(dir, 'loop'));
  const { warnings } = given(t, { listen: { path: join(dir, 'loop', 'metrics.sock') } });
  await until('a warning', () => warnings.length > 0);
  assert.match(warnings[0]!, /cannot listen on .*metrics\.sock: name another metrics\.listen/);
});

test('metrics that cannot be read now are a word to who asks, and no end of the agent', async (t) => {
  const port = await freePort();
  const log = pino({ level: 'silent' });
  const listen = { host: '127.0.0.1', port };
  const outlet = openMetrics({ file: null, listen }, broken, TYPE, log);
  t.after(() => outlet.close());
  const { status, body } = await getSoon({ ...listen, path: '/metrics' });
  assert.deepEqual([status, body], [503, 'disk I/O error\n']);
});
