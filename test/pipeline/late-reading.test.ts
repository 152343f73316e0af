import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { Lines } from '../../src/source/source.ts';
import {
  outputs,
  reader,
  refused,
  STREAM,
  type Reader,
  type Written,
} from '../support/timed-log.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A line, and how long after it was written the agent reads it, ms. */
type Late = Written & { readonly lag: number };

function block(stream: string, { at, line }: Written): Lines {
  return { stream, bytes: Buffer.from(`${line}\n`), position: { version: 1, at } };
}

/** Reads lines of followed streams late: each stream is known to have more since its line. */
function readLate(
  t: TestContext,
  lines: readonly Late[],
  streams: readonly string[] = [STREAM],
  { areFollowed = true } = {},
): Reader {
  const log = reader(t, NOON - MINUTE, { streams });
  if (areFollowed) log.live([]);
  const unread = new Map(streams.map((stream) => [stream, [] as Late[]]));
  const steps = lines.flatMap((one) => {
    const { at, lag, stream = STREAM } = one;
    const write = () => {
      unread.get(stream)!.push(one);
      log.pipeline.positionOf(stream);
    };
    const read = () => {
      for (const line of unread.get(stream)!.splice(0)) log.pipeline.take(block(stream, line));
      log.pipeline.caughtUp(stream);
    };
    return [
      { at, run: write },
      { at: at + lag, run: read },
    ];
  });
  for (const { at, run } of steps.toSorted((a, b) => a.at - b.at)) {
    log.runTo(at);
    run();
  }
  return log;
}

test('lines that are read more than a minute late keep their times, and no clock is corrected', (t) => {
  const lines = [0, 1, 2].map((i) => ({
    ...refused(NOON + i * 5 * MINUTE, `192.0.2.${i}`),
    lag: 74 * SECOND,
  }));
  const log = readLate(t, lines);
  assert.deepEqual(
    log.results(),
    lines.map(({ at }, i) => ({ at, output: `Denied sshd-192.0.2.${i}` })),
  );
  assert.deepEqual(log.warnings, []);
});

test('a host whose lines are late before they are read late is corrected nevertheless', (t) => {
  const lines = [0, 1, 2].map((i) => {
    const at = NOON + i * 5 * MINUTE;
    return { at, line: refused(at - 10 * MINUTE, `192.0.2.${i}`).line, lag: 30 * SECOND };
  });
  const log = readLate(t, lines);
  assert.deepEqual(outputs(log.results()), ['192.0.2.0', '192.0.2.1', '192.0.2.2']);
  assert.match(log.warnings.join('\n'), /^\S+ is written 1[01] min behind this machine's clock/);
});

test('after an agent has read late a line is again of the last minute', (t) => {
  const log = readLate(t, [{ ...refused(NOON, '192.0.2.1'), lag: 5 * MINUTE }]);
  log.offer([refused(NOON, '192.0.2.2')]);
  assert.deepEqual(
    log.results().map(({ at }) => at),
    [NOON, NOON + 5 * MINUTE],
  );
});

/** 3,600 refusals of as many clients in three minutes, in many streams, read 50 to 80 s late. */
function flood(streams: readonly string[]): Late[] {
  return Array.from({ length: 3600 }, (_, i) => ({
    ...refused(NOON + i * 50, `198.${18 + (i >> 10)}.${i & 255}.${(i >> 8) & 3}`),
    stream: streams[i % streams.length]!,
    lag: (50 + ((i * 11) % 31)) * SECOND,
  }));
}

/** Asserts that the flood is a storm in every minute in which it is read. */
function isStorm(log: Reader): void {
  log.end();
  assert.equal(log.pipeline.state().denials, 3600);
  const texts = log.results().map(({ output }) => output);
  const storms = texts.filter((text) => /^Denied \d+ connections from/.test(text)).length;
  // Up to 60 when it begins, and again when it has ended.
  assert.ok(texts.length - storms <= 120, `${texts.length} alerts, ${storms} of them of storms`);
  assert.ok(storms > 0 && storms <= 6, `${storms}`);
}

const hundreds = Array.from({ length: 300 }, (_, i) => `/var/log/remote/web${i}/auth.log`);
const thousands = Array.from({ length: 3600 }, (_, i) => `/var/log/remote/web${i}/auth.log`);

test('an agent that reads many streams 50 to 80 s late makes one storm of a storm', (t) => {
  const log = readLate(t, flood(hundreds), hundreds);
  assert.deepEqual(log.warnings, []);
  isStorm(log);
});

test('streams whose first lines are read late, behind others, make one storm of a storm', (t) => {
  isStorm(readLate(t, flood(thousands), thousands, { areFollowed: false }));
});
