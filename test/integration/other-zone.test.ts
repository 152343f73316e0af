import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { CLI, writeConfig } from '../support/agent.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { refused, traditional } from '../support/timed-log.ts';
import { until } from '../support/until.ts';

const ZONE = 'Asia/Tokyo';
const CLIENT = '192.0.2.1';
/** Less than what two zones are apart, and more than a line can be late, ms. */
const HALF_AN_HOUR = 1_800_000;

/** Lines that are written at once: whatever holds the agent up, a window has all of them. */
const LINES = 6;

/** An agent in Berlin that follows a log of Tokyo, which is written to while it runs. */
async function followed(t: TestContext, source: object) {
  const dir = tempDir(t);
  const log = join(dir, 'auth.log');
  writeFileSync(log, '');
  const config = writeConfig(dir, {
    monitors: [{ nsca: '127.0.0.1:1', password: 'x' }],
    fold: { window: '3s' },
    sources: [{ file: 'auth.log', from: 'start', ...source }],
  });
  const args = [CLI, 'run', '--dry-run', '--json', '--config', config];
  const agent = program(t, process.execPath, args, {
    env: { ...process.env, TZ: 'Europe/Berlin' },
  });
  const alerts = () =>
    agent
      .stdout()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { at: string; output: string });
  const began = Date.now();
  const append = (client: string, count: number) => {
    const { line } = refused(Date.now(), client, traditional(ZONE));
    writeFileSync(log, `${line}\n`.repeat(count), { flag: 'a' });
  };
  // When it is reported the log has been read to its end.
  append('192.0.2.2', 1);
  await until('the first alert', () => alerts().length > 0);
  append(CLIENT, LINES);
  await until('the repeats', () => alerts().length > 2);
  return { agent, alerts: alerts().slice(1), began };
}

test('a log of another zone that is followed folds, is reported at the right time, and is named once', async (t) => {
  const { agent, alerts, began } = await followed(t, {});
  assert.equal(alerts.length, 2);
  assert.match(alerts[1]!.output, /^Denied sshd-192\.0\.2\.1 \(5 more in 3s\)$/);
  assert.ok(Math.abs(Date.parse(alerts[0]!.at) - began) < HALF_AN_HOUR, alerts[0]!.at);
  const warnings = agent
    .stderr()
    .split('\n')
    .filter((line) => line.includes('this machine'));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /auth\.log is written \d h ahead of .*'zone' of the source sets it/);
});

test('with the zone of its source nothing is said of it', async (t) => {
  const { agent, alerts, began } = await followed(t, { zone: ZONE });
  assert.equal(alerts.length, 2);
  assert.ok(Math.abs(Date.parse(alerts[0]!.at) - began) < HALF_AN_HOUR, alerts[0]!.at);
  assert.doesNotMatch(agent.stderr(), /this machine's clock/);
});
