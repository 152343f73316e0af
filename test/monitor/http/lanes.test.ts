import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'node:test';
import fc from 'fast-check';
import { inLanes } from '../../../src/monitor/http/lanes.ts';
import { critical } from '../../delivery/memory-outbox.ts';

const never = new AbortController().signal;

void test('results of one service never overtake each other, whatever the lanes', async () => {
  const given = fc.array(fc.record({ service: fc.integer({ min: 0, max: 4 }), time: fc.nat(3) }));
  await fc.assert(
    fc.asyncProperty(given, fc.integer({ min: 1, max: 5 }), async (items, lanes) => {
      const results = items.map(({ service, time }, n) => ({
        ...critical(String(n)),
        service: String(service),
        time,
      }));
      const done: { service: string; output: string }[] = [];
      let atOnce = 0;
      await inLanes(results, { lanes, enough: never }, async (result) => {
        assert.ok(++atOnce <= lanes);
        for (let i = 0; i < result.time; i++) await Promise.resolve();
        atOnce--;
        done.push(result);
      });
      assert.equal(done.length, results.length);
      for (const service of '01234') {
        const order = done
          .filter((one) => one.service === service)
          .map(({ output }) => Number(output));
        assert.deepEqual(
          order,
          order.toSorted((a, b) => a - b),
        );
      }
    }),
    { seed: 16, numRuns: 100 },
  );
});

void test('after a failure nothing is begun, and what is under way has its verdict', async () => {
  const begun: string[] = [];
  const ended: string[] = [];
  const results = ['a', 'b', 'c', 'd'].map((service) => ({ ...critical('x'), service }));
  const dealt = inLanes(results, { lanes: 2, enough: never }, async ({ service }) => {
    begun.push(service);
    if (service === 'a') throw new Error('broken');
    await pause(1);
    ended.push(service);
  });
  await assert.rejects(dealt, { message: 'broken' });
  assert.deepEqual([begun, ended], [['a', 'b'], ['b']]);
});

void test('nothing is begun when it is enough', async () => {
  const enough = new AbortController();
  const begun: string[] = [];
  const results = Array.from({ length: 9 }, (_, n) => critical(String(n)));
  await inLanes(results, { lanes: 3, enough: enough.signal }, async ({ output }) => {
    begun.push(output);
    if (output === '2') enough.abort();
  });
  assert.deepEqual(begun, ['0', '1', '2']);
});
