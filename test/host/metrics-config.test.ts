import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { loadConfig } from '../../src/agent/config.ts';
import { tempDir } from '../support/temp.ts';

function metrics(t: TestContext, text: string, env: NodeJS.ProcessEnv = {}) {
  const path = join(tempDir(t), 'denywatch.yaml');
  writeFileSync(path, `sources: [{ file: auth.log }]\n${text}`);
  return loadConfig(path, env).config.metrics;
}

const RUN = { RUNTIME_DIRECTORY: '/run/denywatch' };

test('without a word there is a file under systemd, and nothing elsewhere', (t) => {
  assert.deepEqual(metrics(t, ''), { file: null, listen: null });
  const file = '/run/denywatch/denywatch.prom';
  assert.deepEqual(metrics(t, '', RUN), { file, listen: null });
  assert.deepEqual(metrics(t, 'metrics: false\n', RUN), { file: null, listen: null });
  assert.deepEqual(metrics(t, 'metrics: { file: false }\n', RUN), { file: null, listen: null });
});

test('they can be asked for on loopback and on a socket', (t) => {
  const listen = (place: string) => metrics(t, `metrics: { listen: '${place}' }\n`).listen;
  assert.deepEqual(listen('127.0.0.1:9751'), { host: '127.0.0.1', port: 9751 });
  assert.deepEqual(listen('localhost:9751'), { host: '127.0.0.1', port: 9751 });
  assert.deepEqual(listen('[::1]:9751'), { host: '::1', port: 9751 });
  assert.deepEqual(listen('/run/denywatch/metrics.sock'), { path: '/run/denywatch/metrics.sock' });
});

test('never on an address that other machines reach, and the message says why', (t) => {
  for (const place of ['0.0.0.0:9751', '[::]:9751', 'example.org:9751', '9751', '127.0.0.1:99999'])
    assert.throws(
      () => metrics(t, `metrics: { listen: '${place}' }\n`),
      /metrics\.listen: must be a port on loopback such as 127\.0\.0\.1:9751/,
    );
  assert.throws(() => metrics(t, 'metrics: { file: x.txt }\n'), /must end in '\.prom'/);
});
