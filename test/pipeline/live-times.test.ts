import assert from 'node:assert/strict';
import test from 'node:test';
import {
  iso,
  outputs,
  reader,
  refused,
  STREAM,
  traditional,
  type Form,
  type Written,
} from '../support/timed-log.ts';
import { Zone } from '../../src/text/zone.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const zoneOf = () => Zone.named('Europe/Berlin')!;
const CLIENT = '192.0.2.1';

/** Equal refusals, evenly over a time, whose host is off by so much. */
function equal(count: number, ms: number, off = 0, form: Form = iso): Written[] {
  return Array.from({ length: count }, (_, i) => {
    const at = NOON + Math.floor((i * ms) / count);
    return { at, line: refused(at + off, CLIENT, form).line };
  });
}

test('a log that is written hours behind or ahead of the clock folds like any other, and says so once', (t) => {
  for (const hours of [-8, 5, -12, 14, 0.5]) {
    const log = reader(t, NOON - MINUTE);
    log.live(equal(100, 30 * SECOND, hours * HOUR));
    const reported = log.end();
    assert.deepEqual(outputs(reported), [CLIENT, `${CLIENT} (99 more in 60s)`], `${hours}`);
    assert.deepEqual(
      reported.map(({ at }) => at),
      [NOON, NOON + MINUTE],
    );
    assert.equal(log.warnings.length, 1);
  }
});

test('what is said of a log of another zone names the log, how far it is off, and the key', (t) => {
  const log = reader(t, NOON - MINUTE);
  log.live(equal(3, 30 * SECOND, 0, traditional('-08:00')));
  const behind = -new Date(NOON).getTimezoneOffset() / 60 + 8;
  assert.deepEqual(log.warnings, [
    `${STREAM} is written ${behind} h behind this machine's clock, and its times are corrected: is its zone another? 'zone' of the source sets it`,
  ]);
});

test('a clock that is off by no zone is corrected too', (t) => {
  const log = reader(t, NOON - MINUTE);
  log.live(equal(100, 30 * SECOND, -(7 * MINUTE + 20 * SECOND)));
  assert.deepEqual(outputs(log.end()), [CLIENT, `${CLIENT} (99 more in 60s)`]);
  assert.match(log.warnings.join('\n'), /written 7 min behind .*is that clock right/);
});

test('a stream that lags by more than a minute folds by the time at which its lines come', (t) => {
  for (const lag of [61 * SECOND, 90 * SECOND, 10 * MINUTE, 3 * HOUR]) {
    const log = reader(t, NOON - MINUTE);
    log.live(equal(30, 50 * SECOND), lag);
    assert.deepEqual(outputs(log.end()), [CLIENT, `${CLIENT} (29 more in 60s)`], `${lag}`);
  }
});

test('a stream whose lag changes folds by the time at which its lines come', (t) => {
  const log = reader(t, NOON - MINUTE);
  // A shipper that sends what it has every twenty seconds, and has fallen behind by an hour.
  const lines = Array.from({ length: 30 }, (_, i) => {
    const sent = NOON + Math.floor(i / 10) * 20 * SECOND;
    return { at: sent, line: refused(NOON - HOUR + i * 40 * SECOND, CLIENT).line };
  });
  log.live(lines);
  assert.deepEqual(outputs(log.end()), [CLIENT, `${CLIENT} (29 more in 60s)`]);
});

test('6,000 refusals of two senders an hour apart fold, each by its own offset', (t) => {
  const lines = Array.from({ length: 6000 }, (_, i) => {
    const at = NOON + i * 10;
    const host = i % 2 === 0 ? 'web1' : 'web2';
    return { at, line: refused(i % 2 === 0 ? at : at - HOUR, CLIENT, iso, host).line };
  });
  const live = reader(t, NOON - MINUTE);
  live.live(lines);
  assert.deepEqual(outputs(live.end()), [
    CLIENT,
    CLIENT,
    `${CLIENT} (2999 more in 60s)`,
    `${CLIENT} (2999 more in 60s)`,
  ]);
  const backlog = reader(t, NOON + 2 * HOUR);
  backlog.backlog(lines, 100);
  assert.deepEqual(outputs(backlog.end()), [
    CLIENT,
    CLIENT,
    `${CLIENT} (2999 more in 60s)`,
    `${CLIENT} (2999 more in 60s)`,
  ]);
});

test('in the hour that comes twice refusals fold, in both readings of it', (t) => {
  const form = traditional('Europe/Berlin');
  const second = Date.UTC(2026, 9, 25, 1, 10);
  for (const begin of [second - HOUR, second]) {
    const lines = Array.from({ length: 20 }, (_, i) => refused(begin + i * SECOND, CLIENT, form));
    const log = reader(t, begin - MINUTE, { zoneOf });
    log.live(lines);
    const reported = log.end();
    assert.deepEqual(outputs(reported), [CLIENT, `${CLIENT} (19 more in 60s)`]);
    assert.equal(reported[0]?.at, begin);
  }
});

test('the same refusal in a log with a zone and in one without is one', (t) => {
  const streams = [STREAM, '/var/log/syslog'];
  for (const zone of ['Europe/Berlin', 'Pacific/Auckland']) {
    const log = reader(t, NOON - MINUTE, { streams, zoneOf });
    log.live(
      Array.from({ length: 10 }, (_, i) => NOON + i * SECOND).flatMap((at) => [
        refused(at, CLIENT),
        { ...refused(at, CLIENT, traditional(zone)), stream: streams[1]! },
      ]),
    );
    assert.deepEqual(outputs(log.end()), [CLIENT, `${CLIENT} (9 more in 60s)`]);
  }
});
