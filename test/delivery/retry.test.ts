import assert from 'node:assert/strict';
import test from 'node:test';
import { retryDelay } from '../../src/delivery/retry.ts';

void test('delays grow from a second to five minutes, and stay there', () => {
  const delays = Array.from({ length: 11 }, (_, i) => retryDelay(i + 1, 0) / 1000);
  assert.deepEqual(delays, [1, 2, 5, 10, 20, 30, 60, 120, 300, 300, 300]);
  assert.equal(retryDelay(1000, 0), 300_000);
});

void test('chance takes up to a fifth off', () => {
  assert.equal(retryDelay(6, 1), 24_000);
  assert.equal(retryDelay(6, 0.5), 27_000);
});
