import assert from 'node:assert/strict';
import test from 'node:test';
import { byAge, rotationOf } from '../../../src/source/file/rotated.ts';

test('what rotation makes of a name is known', () => {
  const rotated = [
    'auth.log.1',
    'auth.log.12.gz',
    'auth.log.0',
    'auth.log-20261122',
    'auth.log-20261122.gz',
    'auth.log-202611',
    'auth.log.2026-11',
    'auth.log-2026-W48',
    'auth.log-20261122T090000+0100',
    'auth.log-1790000000',
    'auth.log.2.xz',
    'auth.log.2.zst',
    'auth.log.2.bz2',
    'auth.log-2026112213',
    'auth.log-20261122-1690000000',
    'auth.log.2026-11-22',
    'auth.log_20261122',
    'auth.log.old',
    'auth.log~',
    'auth.log.gz',
    'auth-20261122.log',
    'auth.1.log',
    'auth.1.log.gz',
  ];
  for (const name of rotated) assert.notEqual(rotationOf('auth.log', name), null, name);
  const others = [
    'auth.log',
    'auth.log.new',
    'auth.logger',
    'auth.log.12345',
    'auth.log-extra',
    'auth.log.extra.1',
    'xauth.log.1',
    'auth',
  ];
  for (const name of others) assert.equal(rotationOf('auth.log', name), null, name);
});

const order = (names: string[]) =>
  byAge(
    names.map((name, index) => ({ name, mtime: index, rotation: rotationOf('a.log', name)! })),
  ).map(({ name }) => name);

test('rotated files are put in order, oldest first', () => {
  assert.deepEqual(order(['a.log.1', 'a.log.10.gz', 'a.log.9.gz', 'a.log.2.gz']), [
    'a.log.10.gz',
    'a.log.9.gz',
    'a.log.2.gz',
    'a.log.1',
  ]);
  assert.deepEqual(order(['a.log-20261123', 'a.log-20261021.gz', 'a.log-20261122']), [
    'a.log-20261021.gz',
    'a.log-20261122',
    'a.log-20261123',
  ]);
  // From numbers to dates: the kinds follow each other as they were written.
  assert.deepEqual(order(['a.log.2', 'a.log.1', 'a.log-20261122']), [
    'a.log.2',
    'a.log.1',
    'a.log-20261122',
  ]);
});
