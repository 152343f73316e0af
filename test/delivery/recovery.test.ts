import assert from 'node:assert/strict';
import test from 'node:test';
import { Recovery, type Clock } from '../../src/delivery/recovery.ts';
import fc from '../support/fast-check.ts';
import { randomFrom } from '../support/random.ts';
import { memoryOutbox } from './memory-outbox.ts';

const SECOND = 1000;

/** A clock that only the test moves, and a recovery by it. */
function setUp(random: () => number = () => 1) {
  const time = { now: 1_000_000 };
  const clock: Clock = { now: () => time.now, random };
  const outbox = memoryOutbox();
  return { time, outbox, clock, recovery: new Recovery(outbox, clock) };
}

/** Fails for so long, from now on. */
function fail({ time, recovery }: ReturnType<typeof setUp>, outage: number): void {
  const end = time.now + outage;
  while (time.now <= end) {
    recovery.failed('down', 'nobody listens');
    time.now += recovery.left;
  }
}

/** Sends so many results in sessions of this length; gives when each began, and the time of all. */
function send(
  { time, recovery }: ReturnType<typeof setUp>,
  results: number,
  took = 100,
): { sessions: { at: number; size: number }[]; ms: number } {
  const began = time.now;
  const sessions: { at: number; size: number }[] = [];
  for (let left = results; left > 0;) {
    time.now += Math.max(0, recovery.left);
    const size = Math.min(recovery.most, 1000, left);
    sessions.push({ at: time.now - began, size });
    left -= size;
    time.now += took;
    recovery.succeeded(size, took, left > 0);
  }
  return { sessions, ms: time.now - began };
}

const sizes = (sessions: readonly { size: number }[]) => sessions.map(({ size }) => size);

void test('without failures a session has no bound and no delay', () => {
  const it = setUp();
  assert.deepEqual([it.recovery.most, it.recovery.left], [Infinity, 0]);
  it.recovery.succeeded(1000, 100, true);
  assert.deepEqual([it.recovery.most, it.recovery.left], [Infinity, 0]);
  assert.deepEqual(it.outbox.saved, []);
});

void test('a single failure costs a session of two results, and no pause', () => {
  const it = setUp();
  it.recovery.failed('cut', 'broke off');
  assert.equal(it.recovery.left, SECOND / 2);
  it.time.now += it.recovery.left;
  const { sessions, ms } = send(it, 500);
  assert.deepEqual(sizes(sessions), [2, 498]);
  assert.equal(ms, 200);
});

void test('after an outage sessions grow, as many of them as there were failures', () => {
  const it = setUp(() => 0.5);
  for (let i = 0; i < 6; i++) it.recovery.failed('down', 'nobody listens');
  it.time.now += it.recovery.left;
  const { sessions, ms } = send(it, 500);
  assert.deepEqual(sizes(sessions), [2, 4, 8, 16, 32, 64, 374]);
  assert.equal(ms, (10 + 5 + 2.5 + 1 + 0.5) * SECOND + sessions.length * 100);
});

void test('a session that is taken slowly makes the next one no larger', () => {
  const it = setUp(() => 0);
  for (let i = 0; i < 6; i++) it.recovery.failed('down', 'nobody listens');
  assert.deepEqual(sizes(send(it, 10, 8 * SECOND).sessions), [2, 2, 2, 2, 2]);
  it.recovery.failed('down', 'nobody listens');
  assert.equal(it.recovery.most, 2);
});

void test('a monitor that fails once on the way back is only busy', () => {
  const it = setUp();
  for (let i = 0; i < 9; i++) it.recovery.failed('down', 'nobody listens');
  for (let i = 0; i < 3; i++) it.recovery.succeeded(2, 100, true);
  assert.deepEqual([it.recovery.most, it.recovery.state.failures], [16, 6]);
  it.recovery.failed('silent', 'no greeting');
  assert.deepEqual([it.recovery.most, it.recovery.left], [8, 20 * SECOND]);
  assert.deepEqual([it.recovery.state.failures, it.recovery.state.kind], [6, 'silent']);
  it.recovery.failed('silent', 'no greeting');
  assert.deepEqual([it.recovery.most, it.recovery.state.failures], [2, 7]);
});

void test('what a session has waited in vain is part of the pause after it', () => {
  const it = setUp();
  for (let i = 0; i < 9; i++) it.recovery.failed('down', 'nobody listens');
  for (let i = 0; i < 3; i++) it.recovery.succeeded(2, 100, true);
  it.recovery.failed('silent', 'no greeting', 12 * SECOND);
  assert.equal(it.recovery.left, 8 * SECOND);
  it.recovery.hurry();
  it.recovery.succeeded(2, 100, true);
  it.recovery.failed('silent', 'no greeting', 60 * SECOND);
  assert.equal(it.recovery.left, SECOND);
});

void test('when nothing waits the outage is over', () => {
  const it = setUp();
  for (let i = 0; i < 6; i++) it.recovery.failed('down', 'nobody listens');
  send(it, 6);
  assert.deepEqual(it.outbox.saved.at(-1), { failures: 0, next: 0, kind: null, message: null });
  assert.equal(it.recovery.most, Infinity);
});

void test('a restart on the way back begins with two results again, after the same pause', () => {
  const it = setUp();
  for (let i = 0; i < 6; i++) it.recovery.failed('down', 'nobody listens');
  it.recovery.succeeded(2, 100, true);
  const again = new Recovery(it.outbox, it.clock);
  assert.deepEqual([again.most, again.left], [2, 20 * SECOND]);
  assert.equal(again.state.kind, null);
});

void test('a clock that was set back lengthens no pause', () => {
  const it = setUp();
  for (let i = 0; i < 6; i++) it.recovery.failed('down', 'nobody listens');
  it.recovery.succeeded(2, 100, true);
  it.time.now -= 1000 * SECOND;
  assert.ok(it.recovery.left <= 30 * SECOND);
});

void test('the way back of one agent takes 80 s at most for 50 results, less after a short outage', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 7200 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer(),
      (outage, results, seed) => {
        const it = setUp(chance(seed));
        const began = it.time.now;
        fail(it, outage * SECOND);
        const away = it.time.now - began;
        const { ms, sessions } = send(it, results, 0);
        assert.ok(ms <= Math.min(10 * away, 80 * SECOND), `${ms} ms after ${away} ms`);
        const all = sizes(sessions).reduce((sum, size) => sum + size, 0);
        assert.equal(all, results);
      },
    ),
  );
});

void test('of a thousand agents none returns later than twice the median, and few at a time', () => {
  // A shorter outage leaves some agents in their short delays and others in the first long one.
  const outages = fc.integer({ min: 300, max: 7200 });
  fc.assert(
    fc.property(outages, fc.integer(), (outage, seed) => {
      const random = chance(seed);
      const perSecond = new Map<number, number>();
      const waits = Array.from({ length: 1000 }, () => {
        const it = setUp(random);
        const back = it.time.now + outage * SECOND;
        fail(it, outage * SECOND);
        const began = it.time.now;
        for (const { at, size } of send(it, 50).sessions) {
          const second = Math.floor((began + at) / SECOND);
          perSecond.set(second, (perSecond.get(second) ?? 0) + size);
        }
        return it.time.now - back;
      }).toSorted((a, b) => a - b);
      const [median, longest] = [waits[500]!, waits.at(-1)!];
      assert.ok(longest <= 2 * median, `${longest} ms, and ${median} in the median`);
      assert.ok(longest <= 145 * SECOND, `${longest} ms`);
      const most = Math.max(...perSecond.values());
      assert.ok(most <= 1500, `${most} results in a second`);
    }),
    { numRuns: 40 },
  );
});

void test('after an outage of 20 s no agent of a thousand waits longer than 40 s', () => {
  const random = chance(1);
  const waits = Array.from({ length: 1000 }, () => {
    const it = setUp(random);
    const back = it.time.now + 20 * SECOND;
    fail(it, 20 * SECOND);
    send(it, 50);
    return it.time.now - back;
  });
  assert.ok(Math.max(...waits) <= 40 * SECOND, `${Math.max(...waits)} ms`);
});

function chance(seed: number): () => number {
  const random = randomFrom(seed);
  return () => random(1_000_001) / 1_000_000;
}
