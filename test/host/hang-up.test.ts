import assert from 'node:assert/strict';
import test from 'node:test';
import { hangUp } from '../../src/host/hang-up.ts';

test('an answer that names no single process has nothing signalled', (t) => {
  const kill = t.mock.method(process, 'kill', () => true);
  t.mock.method(process as { geteuid: () => number }, 'geteuid', () => 1000);
  for (const pid of [0, -1, -4242, 1.5, '1', null])
    assert.equal(hangUp(pid as number, { uid: 1000, gid: 1000 }), false);
  assert.equal(kill.mock.callCount(), 0);
  assert.equal(hangUp(4242, { uid: 1000, gid: 1000 }), true);
  assert.deepEqual(kill.mock.calls[0]?.arguments, [4242, 'SIGHUP']);
});
