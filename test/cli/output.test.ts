import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { CLI } from '../support/agent.ts';
import { tempDir } from '../support/temp.ts';

const LINE = 'Nov 22 21:15:00 gw sshd[1]: refused connect from 192.0.2.1 (192.0.2.1)';
/** Verbs that write in different ways. */
const VERBS = [['help'], ['explain', LINE]];

/** Runs a verb with its output redirected by a shell. */
function run(redirection: string, verb: readonly string[], file = '') {
  const command = `${redirection}; shift; exec "$0" "$@"`;
  const args = ['-c', command, process.execPath, file, CLI, ...verb];
  return spawnSync('sh', args, { encoding: 'utf8' });
}

for (const verb of VERBS) {
  test(`what cannot be written is one line and a failure: ${verb[0]}`, () => {
    const full = run('exec > /dev/full', verb);
    assert.equal(full.stderr, 'denywatch: cannot write the output: no space left on device\n');
    assert.equal(full.status, 1);
    assert.equal(run('exec > /dev/null', verb).status, 0);
  });

  test(`output that nobody reads any more ends a verb as SIGPIPE would: ${verb[0]}`, (t) => {
    const pipe = join(tempDir(t), 'pipe');
    const unread = run('mkfifo "$1"; exec 3<>"$1" 1>"$1" 3<&-', verb, pipe);
    assert.equal(unread.stderr, '');
    assert.equal(unread.status, 141);
  });
}
