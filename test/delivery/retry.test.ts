import assert from 'node:assert/strict';
import test from 'node:test';
import { isPrompt, retryDelay, returnPause } from '../../src/delivery/retry.ts';
import fc from '../support/fast-check.ts';

const failures = fc.integer({ min: 1, max: 1000 });
const chance = fc.double({ min: 0, max: 1, noNaN: true });

void test('delays grow from a second to a minute, and stay there', () => {
  const delays = Array.from({ length: 9 }, (_, i) => retryDelay(i + 1, 0) / 1000);
  assert.deepEqual(delays, [1, 2, 5, 10, 20, 30, 60, 60, 60]);
  assert.equal(retryDelay(1000, 0), 60_000);
});

void test('chance shortens each delay, until delays grow no more', () => {
  const shortest = Array.from({ length: 9 }, (_, i) => retryDelay(i + 1, 1) / 1000);
  assert.deepEqual(shortest, [0.5, 1, 2.5, 5, 10, 10, 1, 60, 60]);
  assert.equal(retryDelay(6, 0.5), 20_000);
});

void test('a pause on the way back is no longer than the delay after as many failures, and 20 s', () => {
  const longest = Array.from({ length: 9 }, (_, i) => returnPause(i + 1, 1) / 1000);
  assert.deepEqual(longest, [1, 2, 5, 10, 20, 20, 20, 20, 20]);
  fc.assert(
    fc.property(failures, chance, (count, random) => {
      const pause = returnPause(count, random);
      assert.ok(pause >= 0 && pause <= Math.min(20_000, retryDelay(count, 0)));
    }),
  );
});

void test('a session is prompt within 5 s, and a second more for each result', () => {
  assert.deepEqual(
    [isPrompt(2, 7000), isPrompt(2, 7001), isPrompt(100, 60_000)],
    [true, false, true],
  );
});
