/** What the command line says of a mistake in its arguments. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { CLI } from '../support/agent.ts';

function denywatch(...args: string[]) {
  return spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });
}

const MISTAKES: [args: string[], says: RegExp][] = [
  [['stauts'], /^denywatch: no verb 'stauts'; did you mean 'status'\? \(denywatch --help\)$/m],
  [['help', 'quue'], /no verb 'quue'; did you mean 'queue'\?/],
  [
    ['status', '--jsno'],
    /^denywatch status: no option '--jsno'; did you mean '--json'\? \(denywatch help status\)$/m,
  ],
  [['report', '--sicne=7d'], /no option '--sicne'; did you mean '--since'\?/],
  [['check', '-x'], /no option '-x' \(/],
  [['report', '--host'], /'--host' needs a value/],
  [['status', '--json=yes'], /'--json' takes no value/],
  [['check', "it's here"], /unexpected argument 'it's here'/],
];

for (const [args, says] of MISTAKES) {
  test(`${args.join(' ')} is wrong usage, and the hint helps`, () => {
    const { status, stderr } = denywatch(...args);
    assert.equal(status, 2);
    assert.match(stderr, says);
  });
}

test('help VERB shows what VERB --help does', () => {
  const { status, stdout } = denywatch('help', 'queue');
  assert.equal(status, 0);
  assert.match(stdout, /^usage: denywatch queue list/);
  assert.equal(stdout, denywatch('queue', '--help').stdout);
});
