import assert from 'node:assert/strict';
import test from 'node:test';
import { newPipeline, openQueue, waiting } from '../support/pipeline.ts';
import { iso, reader, refused, STREAM, type Written } from '../support/timed-log.ts';

const OTHER = '/var/log/syslog';
const NOON = Date.UTC(2026, 10, 22, 12);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const streams = [STREAM, OTHER];

/** Refusals of each client three times within some seconds. */
const refusals = (begin: number, clients: number, stream = STREAM): Written[] =>
  Array.from({ length: 3 * clients }, (_, i) => ({
    ...refused(begin + i * SECOND, `198.51.${i % clients}.1`, iso),
    stream,
  }));

test('a log that fails in the middle of a backlog keeps no window of another log open', (t) => {
  const log = reader(t, NOON + HOUR, { streams });
  log.offer(refusals(NOON, 2, OTHER));
  log.pipeline.unreadable(OTHER);
  log.offer(refusals(NOON, 9));
  log.pipeline.caughtUp(STREAM);
  log.runTo(Date.now() + 2 * SECOND);
  assert.equal(log.pipeline.state().open, 0);
  assert.equal(log.results().filter(({ output }) => output.includes('more in')).length, 9);
});

test('a log that fails while it is followed keeps no window of another log open', (t) => {
  const log = reader(t, NOON, { streams });
  for (const stream of streams) log.pipeline.caughtUp(stream);
  log.offer(refusals(NOON, 1, OTHER));
  log.pipeline.unreadable(OTHER);
  log.offer(refusals(NOON, 3));
  log.pipeline.caughtUp(STREAM);
  log.runTo(NOON + 2 * MINUTE);
  assert.equal(log.pipeline.state().open, 0);
});

test('what is read of a log that could not be read for a day keeps its times', (t) => {
  const log = reader(t, NOON);
  log.pipeline.caughtUp(STREAM);
  log.pipeline.unreadable(STREAM);
  log.runTo(NOON + 24 * HOUR);
  log.offer([refused(NOON + HOUR, '192.0.2.1'), refused(NOON + 5 * HOUR, '192.0.2.1')]);
  log.pipeline.caughtUp(STREAM);
  assert.deepEqual(
    log.end().map(({ at }) => at),
    [NOON + HOUR, NOON + 5 * HOUR],
  );
});

test('a log of which nothing is heard holds up the backlog of others for ten seconds, no longer', (t) => {
  const log = reader(t, NOON + HOUR, { streams });
  log.offer(refusals(NOON, 3));
  log.pipeline.caughtUp(STREAM);
  assert.deepEqual(log.results(), []);
  log.runTo(NOON + HOUR + 10 * SECOND);
  assert.equal(log.results().length, 3 + 3, 'with a repeat of each');
  assert.equal(log.pipeline.state().open, 0);
});

test('what waits for other logs is stored with the place of its log, and counted once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOON + HOUR });
  const queue = openQueue();
  const lines = refusals(NOON, 3).map(({ line }) => `${line}\n`);
  for (const [i, line] of [...lines, null].entries()) {
    const pipeline = newPipeline(queue, streams);
    assert.deepEqual(pipeline.positionOf(STREAM), i === 0 ? undefined : { lines: i });
    if (line !== null)
      pipeline.take({ stream: STREAM, bytes: Buffer.from(line), position: { lines: i + 1 } });
    else for (const stream of streams) pipeline.caughtUp(stream);
    // Nothing is closed: it was killed.
  }
  assert.equal(queue.overview.totals()['denials'], 9);
  assert.equal(waiting(queue).length, 3 + 3, 'with a repeat of each');
  queue.close();
});
