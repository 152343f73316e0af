import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { lockQueue } from '../../../src/queue/lock.ts';
import { Queue } from '../../../src/queue/queue.ts';
import { CLI, writeConfig } from '../../support/agent.ts';
import { program } from '../../support/program.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/until.ts';

const MONITOR = 'monitor:5667';
const RESULT = { monitor: MONITOR, host: 'firestorm', service: 'TCP Wrappers', output: 'Denied' };

/** A queue with so many results waiting, and no agent. */
function given(t: TestContext, waiting: number): string {
  const dir = tempDir(t);
  const bounds = { results: 1000, size: 1e9, keep: 1e9 };
  const queue = new Queue(join(dir, 'queue.db'), { bounds });
  const one = { ...RESULT, at: 0, state: 2 as const, denials: 1, value: 1 };
  queue.put(Array.from({ length: waiting }, () => one));
  queue.close();
  return writeConfig(dir, { sources: [{ file: 'auth.log' }] });
}

function status(config: string, ...args: string[]) {
  const command = [CLI, 'status', '--config', config, ...args];
  return spawnSync(process.execPath, command, { encoding: 'utf8' });
}

test('without an agent the page says so first, and the exit status too', (t) => {
  const { status: code, stdout } = status(given(t, 3));
  assert.equal(code, 1);
  const lines = stdout.split('\n');
  assert.match(lines[0]!, /^denywatch on .*: not running /);
  assert.match(lines[2]!, /^PROBLEM +the agent is not running: systemctl start denywatch/);
  assert.match(stdout, /monitor:5667: 3 waiting, the oldest for \d+ s; none delivered yet/);
});

test('--json shows the same to scripts', (t) => {
  const { status: code, stdout } = status(given(t, 3), '--json');
  const json = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal(code, 1);
  assert.deepEqual([json['running'], json['agent'], json['minutes']], [false, null, []]);
  assert.deepEqual((json['problems'] as string[]).length, 1);
});

test('--plugin is one line with performance data, and an exit status, as Nagios has them', (t) => {
  const config = given(t, 3);
  const limits = ['-w', '1,1h', '-c', '100,2h'];
  const { status: code, stdout } = status(config, '--plugin', ...limits);
  assert.equal(code, 2);
  assert.match(
    stdout,
    /^denywatch CRITICAL: the agent is not running: [^|\n]*, 3 results waiting, [^|\n]* \| denials=0c alerts=0c waiting=3;1;100 oldest=\d+s;3600;7200 unseen=0c\n$/,
  );
});

test('a plugin that cannot find out is UNKNOWN, and says why on stdout', (t) => {
  const config = given(t, 0);
  const wrong = status(config, '--plugin', '-w', 'many');
  assert.equal(wrong.status, 3);
  assert.match(
    wrong.stdout,
    /^denywatch UNKNOWN: -w must be a number of results, an age such as 10m/,
  );
  const none = status(join(tempDir(t), 'none.yaml'), '--plugin');
  assert.equal(none.status, 3);
  assert.match(none.stdout, /^denywatch UNKNOWN: .*none\.yaml: there is no such file, [^\n]*\n$/);
});

test('an agent that holds the queue and does not answer is no agent that does not run', (t) => {
  const config = given(t, 0);
  const lock = lockQueue(config.replace('denywatch.yaml', 'queue.db'));
  t.after(() => lock.release());
  const { stdout } = status(config, '--plugin');
  assert.match(stdout, /^denywatch CRITICAL: the agent is running, but does not answer \(/);
});

test('--watch needs a terminal, and -w needs --plugin', (t) => {
  const config = given(t, 0);
  const watch = status(config, '--watch');
  assert.equal(watch.status, 2);
  assert.match(watch.stderr, /--watch needs a terminal: for scripts use --json/);
  assert.equal(status(config, '-w', '1').status, 2);
});

for (const [key, name] of [
  ['\u0003', 'Ctrl-C'],
  ['q', 'q'],
] as const) {
  test(`--watch draws on a screen of its own, and ${name} gives the old one back`, async (t) => {
    const command = `${process.execPath} ${CLI} status --watch --config ${given(t, 3)}`;
    // script gives it a terminal, of 80 columns.
    const watch = program(
      t,
      'script',
      ['-qefc', `stty cols 80 rows 24; exec ${command}`, '/dev/null'],
      {
        env: { ...process.env, TERM: 'xterm', NO_COLOR: '1' },
      },
    );
    const drawn = await until('a screen', () => {
      const shown = watch.stdout();
      return shown.includes('\u001b[?2026l') ? shown : null;
    });
    assert.ok(drawn.startsWith('\u001b[?1049h\u001b[?25l'));
    assert.match(drawn, /PROBLEM +the agent is not running/);
    watch.type(key);
    assert.equal(await watch.end(), 0);
    assert.ok(watch.stdout().endsWith('\u001b[?25h\u001b[?1049l'));
  });
}
