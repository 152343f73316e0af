import assert from 'node:assert/strict';
import test from 'node:test';
import { Seldom } from '../../../src/source/file/seldom.ts';

test('what takes long is repeated seldom, and what takes no time as often as wanted', () => {
  let now = 0;
  const times: number[] = [];
  const seldom = new Seldom(2_000, () => now);
  const play = (until: number, took: number) => {
    for (; now < until; now += 1_000)
      seldom.do(10_000, () => {
        times.push(now);
        now += took;
      });
    return times.splice(0).length;
  };
  assert.equal(play(100_000, 0), 10);
  assert.equal(play(1_100_000, 50), 10); // 50 ms of 100 s
});
