import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type TestContext } from 'node:test';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

/** A host where seven connections were just refused, and its monitor is not there. */
function given(t: TestContext) {
  const dir = tempDir(t);
  const lines = Array.from({ length: 7 }, (_, i) => {
    return refusal(`192.0.2.${i + 1}`, 100 + i, new Date(Date.now() - 1000));
  });
  writeFileSync(join(dir, 'auth.log'), lines.map((line) => `${line}\n`).join(''));
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log', from: 'start' }],
    monitors: [{ nsca: '127.0.0.1:1', password: 'p' }],
  });
  const report = async (...args: string[]) => {
    const verb = denywatch(t, 'report', '--config', config, ...args);
    return { status: await verb.end(), stdout: verb.stdout(), stderr: verb.stderr() };
  };
  return { dir, config, report };
}

test('a report shows what the agent counted, while it runs and afterwards', async (t) => {
  const { dir, config, report } = given(t);
  const agent = denywatch(t, 'run', '--config', config);
  await until('7 denials', async () => (await status(t, config))?.totals['denials'] === 7);
  // Not even a transaction of the agent holds it up.
  const other = new DatabaseSync(join(dir, 'queue.db'));
  other.exec('BEGIN IMMEDIATE');
  const beside = await report();
  other.close();
  assert.equal(beside.status, 0, beside.stderr);
  assert.match(beside.stdout, /^7 refused connections\n/);
  assert.match(beside.stdout, /^192\.0\.2\.0\/24 +7 +100\.0 % /m);
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(beside.stdout, /[\u0000-\u0009\u000B-\u001F█]/);

  agent.kill();
  await agent.end();
  const before = readFileSync(join(dir, 'queue.db'));
  const { all } = JSON.parse((await report('--json', '--since', '1h')).stdout) as { all: object };
  assert.deepEqual(all, { denials: 7, clients: 7, daemons: 1, hosts: 1, others: 0 });
  const csv = await report('--csv');
  assert.equal(csv.stdout.split('\r\n').length, 9);
  const file = join(dir, 'history.csv');
  const both = await report('--csv', file, '--html', join(dir, 'report.html'));
  assert.deepEqual(both, { status: 0, stdout: '', stderr: '' });
  assert.equal(readFileSync(file, 'utf8'), csv.stdout);
  assert.match(readFileSync(join(dir, 'report.html'), 'utf8'), /<strong>7<\/strong>/);
  assert.match((await report('--host', 'elsewhere')).stdout, /^No connection was refused on else/);
  assert.deepEqual(readFileSync(join(dir, 'queue.db')), before);
});

test('wrong use of report is reported with what to do', async (t) => {
  const { report } = given(t);
  const cases: readonly (readonly [args: string[], status: number, says: RegExp])[] = [
    [['--since', 'yesterday'], 2, /'yesterday' is not a time: use 7d, 2026-11-22 or/],
    [['--since', '1d', '--until', '2d'], 2, /--since must be before --until/],
    [['report.html'], 2, /unexpected argument 'report\.html'/],
    [['--csv', '--json'], 2, /choose one of them/],
    [[], 1, /there is no queue .*queue\.db yet: start the agent/],
  ];
  for (const [args, expected, says] of cases) {
    const { status: exit, stderr } = await report(...args);
    assert.match(stderr, says);
    assert.equal(exit, expected);
  }
});
