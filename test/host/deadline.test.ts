import assert from 'node:assert/strict';
import test from 'node:test';
import { deadline } from '../../src/host/deadline.ts';

void test('what takes too long is given up, with the time that it had', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const signal = deadline(45_000, 'monitor:5667');
  t.mock.timers.tick(44_999);
  assert.equal(signal.aborted, false);
  t.mock.timers.tick(1);
  assert.throws(() => signal.throwIfAborted(), {
    message: 'monitor:5667 has not answered within 45 s',
  });
});
