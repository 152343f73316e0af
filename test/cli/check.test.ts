import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { CLI, writeConfig } from '../support/agent.ts';
import { tempDir } from '../support/temp.ts';

/** Runs `check` on a configuration, and gives what it found. */
function check(config: string, env: NodeJS.ProcessEnv = {}): string {
  const { CREDENTIALS_DIRECTORY: _, ...ours } = process.env;
  const command = [CLI, 'check', '--config', config];
  const run = spawnSync(process.execPath, command, { encoding: 'utf8', env: { ...ours, ...env } });
  return run.stdout + run.stderr;
}

test('without the credential of the service, check tries everything else', (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'auth.log'), '');
  writeFileSync(join(dir, 'nsca.password'), 'secret', { mode: 0o600 });
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log' }],
    monitors: [{ nsca: '127.0.0.1:9', credential: 'nsca.password' }],
  });
  const without = check(config);
  assert.match(without, /^note +monitors\.0: its credential is only in the service/m);
  assert.match(without, /^ok +sources\.0: /m);
  assert.doesNotMatch(without, /no password|connect/);
  const withIt = check(config, { CREDENTIALS_DIRECTORY: dir });
  assert.match(withIt, /^problem +monitors\.0: can't connect to 127\.0\.0\.1:9/m);
});

test('check reports a queue that cannot be read, and a client file without a password not', (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'auth.log'), '');
  writeFileSync(join(dir, 'send_nsca.cfg'), 'encryption_method=1\n', { mode: 0o644 });
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log' }],
    monitors: [{ nsca: '127.0.0.1:9', sendNscaConfig: 'send_nsca.cfg' }],
  });
  assert.match(check(config), /^ok +queue\.path: can write /m);
  assert.doesNotMatch(check(config), /holds a secret/);
  writeFileSync(join(dir, 'queue.db'), 'no queue', { mode: 0o640 });
  assert.match(
    check(config),
    /^problem +queue\.path: the queue .* is damaged: file is not a data/m,
  );
});
