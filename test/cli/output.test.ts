import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { CLI } from '../support/agent.ts';

for (const [file, status, says] of [
  ['/dev/full', 1, /^denywatch: cannot write the output: ENOSPC: .*\n$/],
  ['/dev/null', 0, /^$/],
] as const) {
  test(`what cannot be written is one line and a failure: ${file}`, () => {
    const command = `exec "$0" "$1" help > ${file}`;
    const run = spawnSync('sh', ['-c', command, process.execPath, CLI], { encoding: 'utf8' });
    assert.equal(run.status, status);
    assert.match(run.stderr, says);
  });
}
