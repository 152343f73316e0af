import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { type TestContext } from 'node:test';
import { FOLD, given } from '../support/pipeline.ts';

/**
 * The log of 2026-11-22 in UTC: a client that tries for two hours, one that comes each minute, a
 * scan of ports and one from many clients, xinetd's pairs, syslog's repeats, a storm, and a client
 * that goes on beyond midnight.
 */
const LOG = new URL('day.log', import.meta.url).pathname;
/** What was reported of it; `node --test --test-update-snapshots test/fold/day.test.ts` writes it. */
const ALERTS = new URL('day.alerts', import.meta.url).pathname;
const LINES = readFileSync(LOG, 'utf8').trimEnd().split('\n');
const TIMES = LINES.map((line) => Date.parse(line.slice(0, 24)));
const DAY = Date.UTC(2026, 10, 22);
const HOUR = 3_600_000;
const STREAM = '/var/log/auth.log';
const OPTIONS = { fold: { ...FOLD, storm: { alerts: 20, every: 60_000 } } };

/** Lets the wall clock run to a time, in steps in which timers come late by half a second at most. */
function runTo(t: TestContext, time: number): void {
  while (Date.now() < time) t.mock.timers.tick(Math.min(500, time - Date.now()));
}

/** Everything that was reported, a line each: when it was due, how many denials, the output. */
function reported({ queue, results }: ReturnType<typeof given>): string {
  const alerts = results().map(({ at, output }) => `${new Date(at).toISOString()} ${output}\n`);
  return `${alerts.join('')}${queue.overview.totals()['denials']} denials\n`;
}

function startAt(t: TestContext, now: number) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now });
  return given(t, [STREAM], OPTIONS);
}

test('a day followed live gives the alerts in the golden file', (t) => {
  const live = startAt(t, DAY);
  for (const [i, line] of LINES.entries()) {
    runTo(t, TIMES[i] ?? NaN);
    live.offer(STREAM, [line]);
    live.pipeline.caughtUp(STREAM);
  }
  runTo(t, DAY + 26 * HOUR);
  assert.equal(live.pipeline.state().open, 0);
  t.assert.fileSnapshot(reported(live), ALERTS, { serializers: [String] });
});

test('the same day read afterwards in one block gives the same alerts', (t) => {
  const after = startAt(t, DAY + 40 * HOUR);
  after.offer(STREAM, LINES);
  after.pipeline.caughtUp(STREAM);
  runTo(t, Date.now() + 1000);
  assert.equal(after.pipeline.state().open, 0);
  t.assert.fileSnapshot(reported(after), ALERTS, { serializers: [String] });
});
