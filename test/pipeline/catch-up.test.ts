import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import * as fc from '../support/fast-check.ts';
import {
  iso,
  outputs,
  reader,
  refused,
  STREAM,
  type Reported,
  type Written,
} from '../support/timed-log.ts';

const JOURNAL = 'journal';
const NOON = Date.UTC(2026, 10, 22, 12);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The same refusal as journald's record of it. */
function record({ at, line }: Written): Written {
  const [, message] = /sshd\[7\]: (.*)$/.exec(line)!;
  const fields = {
    __REALTIME_TIMESTAMP: `${at}000`,
    _SOURCE_REALTIME_TIMESTAMP: `${at}000`,
    _HOSTNAME: 'gw',
    SYSLOG_IDENTIFIER: 'sshd',
    SYSLOG_PID: '7',
    _UID: '0',
    MESSAGE: message,
  };
  return { at, line: JSON.stringify(fields), stream: JOURNAL };
}

/** What is reported of refusals in every way that they can be read. */
function everyWay(t: TestContext, log: readonly Written[]): Record<string, Reported[]> {
  const journal = log.map(record);
  const end = log.at(-1)!.at + 10 * MINUTE;
  const backlog = (streams: readonly string[], lines: readonly Written[], block?: number) => {
    const late = reader(t, end, { streams });
    late.backlog(lines, block);
    return late.end();
  };
  const live = (streams: readonly string[], lines: readonly Written[]) => {
    const followed = reader(t, log[0]!.at - MINUTE, { streams });
    followed.live(lines);
    return followed.end();
  };
  const both = [STREAM, JOURNAL];
  return {
    file: backlog([STREAM], log),
    'file in small blocks': backlog([STREAM], log, 3),
    journal: backlog([JOURNAL], journal),
    both: backlog(both, [...log, ...journal]),
    'both in small blocks': backlog(both, [...log, ...journal], 50),
    'live file': live([STREAM], log),
    'live file and journal': live(
      both,
      log.flatMap((line, i) => [line, journal[i]!]),
    ),
  };
}

/** Asserts that every way gives the same, and gives that. */
function sameEveryWay(t: TestContext, log: readonly Written[]): Reported[] {
  const { file, ...others } = everyWay(t, log);
  for (const [way, reported] of Object.entries(others)) assert.deepEqual(reported, file, way);
  return file!;
}

const client = (i: number) => `198.18.${i >> 8}.${i & 255}`;

test('2,000 refusals of 2,000 clients within a second give the same from a file, a journal, both, and live', (t) => {
  const log = Array.from({ length: 2000 }, (_, i) => refused(NOON + Math.floor(i / 2), client(i)));
  const reported = sameEveryWay(t, log);
  assert.ok(reported.length < 70, `${reported.length} alerts`);
});

test('small bursts give the same from a file, a journal, both, and live, and each refusal once', (t) => {
  const log = Array.from({ length: 40 }, (_, i) =>
    refused(NOON + Math.floor(i / 8) * 20 * MINUTE + (i % 8) * SECOND, client(i % 3)),
  );
  assert.deepEqual(outputs(sameEveryWay(t, log)).slice(0, 6), [
    client(0),
    client(1),
    client(2),
    `${client(0)} (2 more in 60s)`,
    `${client(1)} (2 more in 60s)`,
    `${client(2)} (1 more in 60s)`,
  ]);
});

test('a day of refusals whose windows end one after another is no storm when it is read at once', (t) => {
  const log = Array.from({ length: 300 }, (_, i) =>
    refused(
      NOON + Math.floor(i / 3) * 5 * MINUTE + (i % 3) * SECOND,
      client(Math.floor(i / 3) << 8),
    ),
  );
  const reported = sameEveryWay(t, log);
  assert.equal(reported.length, 200);
});

test('any refusals give the same from a file, a journal, both, and live', (t) => {
  const gap = fc.oneof(
    fc.integer({ min: 0, max: 3 * SECOND }),
    fc.integer({ min: 0, max: 2 * HOUR }),
  );
  const part = fc.tuple(gap, fc.integer({ min: 0, max: 5 }));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 60 }), (parts) => {
      let at = NOON;
      sameEveryWay(
        t,
        parts.map(([pause, i]) => refused((at += pause), client(i << 8), iso)),
      );
    }),
    { seed: 14, numRuns: Number(process.env['TIME_RUNS'] ?? 40) },
  );
});
