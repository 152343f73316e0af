import assert from 'node:assert/strict';
import test from 'node:test';
import { Fold } from '../../src/fold/fold.ts';
import type { Denial } from '../../src/parse/denial.ts';
import { addAll, denial, OPTIONS, restarted } from './given.ts';

/** Every denial is an alert, so that what is dropped shows. */
const EACH = { ...OPTIONS, window: 0 };

function following(...streams: string[]): Fold {
  const fold = new Fold(EACH, []);
  fold.follow(streams);
  return fold;
}

void test('the same connection in two logs is one denial', () => {
  const fold = following('auth.log', 'syslog');
  assert.equal(addAll(fold, [denial(1)], 'auth.log').length, 1);
  assert.equal(addAll(fold, [denial(1.8)], 'syslog').length, 0);
});

void test('another pid, client, daemon or host, or more than a second between, is another denial', () => {
  const others = [{ pid: 1 }, { client: '::1' }, { daemon: 'in.telnetd' }, { host: 'db' }];
  for (const other of others) {
    const fold = following('auth.log', 'syslog');
    addAll(fold, [denial(1.5)], 'auth.log');
    assert.equal(addAll(fold, [denial(1.5, other)], 'syslog').length, 1);
  }
  const fold = following('auth.log', 'syslog');
  addAll(fold, [denial(1.5)], 'auth.log');
  assert.equal(addAll(fold, [denial(2.7)], 'syslog').length, 1);
});

void test('a time without a fraction may be a second cut short', () => {
  const fold = following('auth.log', 'journal');
  addAll(fold, [denial(1)], 'auth.log');
  assert.equal(addAll(fold, [denial(2.001)], 'journal').length, 0);
});

void test('four quick refusals of one pid in two logs are four, in any order of reading', () => {
  const times = [1.1, 1.2, 1.3, 1.4];
  const four = times.map((at) => denial(at));
  const apart = following('auth.log', 'syslog');
  assert.equal(addAll(apart, four, 'auth.log').length, 4);
  assert.equal(addAll(apart, four, 'syslog').length, 0);
  const inTurn = following('auth.log', 'syslog');
  const reported = four.flatMap((one) =>
    addAll(inTurn, [one], 'auth.log').concat(addAll(inTurn, [one], 'syslog')),
  );
  assert.equal(reported.length, 4);
});

void test('what only one log has is counted, whichever it is', () => {
  const fold = following('auth.log', 'syslog', 'journal');
  addAll(fold, [denial(1.1), denial(1.2)], 'auth.log');
  assert.equal(addAll(fold, [denial(1.1), denial(1.2), denial(1.3)], 'syslog').length, 1);
  assert.equal(
    addAll(
      fold,
      [1.1, 1.2, 1.3, 1.4].map((at) => denial(at)),
      'journal',
    ).length,
    1,
  );
});

void test('one stream can refuse the same pid many times in a second', () => {
  const fold = following('auth.log');
  assert.equal(addAll(fold, Array(50).fill(denial(1)), 'auth.log').length, 50);
  assert.deepEqual(fold.changes(), []);
});

void test('a host that is missing, or its full name, is the same host', () => {
  for (const host of [null, 'gw.example.net', 'GW']) {
    const fold = following('auth.log', 'syslog');
    addAll(fold, [denial(1)], 'auth.log');
    assert.equal(addAll(fold, [denial(1, { host })], 'syslog').length, 0);
  }
  const central = following('a', 'b');
  addAll(central, [denial(1, { host: 'gw.east.example' })], 'a');
  assert.equal(addAll(central, [denial(1, { host: 'gw.west.example' })], 'b').length, 1);
});

void test('a log that is read long after another still brings no denial twice', () => {
  const fold = following('auth.log', 'syslog');
  const day = Array.from({ length: 500 }, (_, i) => denial(i * 60, { pid: i }));
  assert.equal(addAll(fold, day, 'auth.log').length, 500);
  assert.equal(addAll(fold, day, 'syslog').length, 0);
});

void test('a denial is remembered until every stream is a minute past it, and no longer', () => {
  const fold = following('auth.log', 'syslog');
  addAll(fold, [denial(1)], 'auth.log');
  addAll(fold, [denial(500, { pid: 2 })], 'auth.log');
  assert.equal(fold.next(), 63_000);
  fold.advance(600_000);
  assert.equal(fold.next(), null);
  assert.equal(addAll(fold, [denial(1)], 'syslog').length, 1);
});

void test('a crash between the first and the second log counts nothing twice', () => {
  const fold = following('auth.log', 'syslog');
  addAll(fold, [denial(1), denial(1.5)], 'auth.log');
  const again = restarted(fold, EACH);
  again.follow(['auth.log', 'syslog']);
  assert.equal(addAll(again, [denial(1), denial(1.5)], 'syslog').length, 0);
});

void test('repeats that one log has in one line and the other in many are counted once', () => {
  const many = Array.from({ length: 40 }, (_, i) => denial(10 + i));
  const first = following('auth.log', 'journal');
  const one = [denial(10), denial(49, { count: 39 })];
  assert.equal(addAll(first, one, 'auth.log').length, 2);
  assert.equal(addAll(first, many, 'journal').length, 0);
  const second = following('auth.log', 'journal');
  assert.equal(addAll(second, many, 'journal').length, 40);
  assert.equal(addAll(second, one, 'auth.log').length, 0);
});

void test('a flood of one identity in one log costs a row that stays small', () => {
  const fold = following('auth.log', 'syslog');
  const flood = Array.from({ length: 50_000 }, (_, i) => denial(i / 1000));
  const reported = addAll(fold, flood, 'auth.log').length;
  assert.equal(reported, 50_000);
  const size = fold.changes().reduce((sum, [, value]) => sum + (value?.length ?? 0), 0);
  assert.ok(size < 10_000, `${size} characters`);
  assert.equal(addAll(fold, flood, 'syslog').length, 0);
});

void test('more identities than the bound are forgotten, oldest first', () => {
  const fold = new Fold({ ...EACH, keys: 100 }, []);
  fold.follow(['auth.log', 'syslog']);
  const many = Array.from({ length: 300 }, (_, i) => denial(1, { pid: i }));
  addAll(fold, many, 'auth.log');
  assert.ok(fold.changes().length <= 101);
  assert.equal(addAll(fold, many.slice(200), 'syslog').length, 0);
});

void test('a host that one log leaves out and another names is that host for a third', () => {
  const fold = following('a', 'b', 'c');
  addAll(fold, [denial(1, { host: null })], 'a');
  assert.equal(addAll(fold, [denial(1, { host: 'gw' })], 'b').length, 0);
  assert.equal(addAll(fold, [denial(1, { host: 'db' })], 'c').length, 1);
});

void test('a flood of one identity in two logs keeps only what is not past', () => {
  const fold = following('auth.log', 'syslog');
  for (let at = 1; at < 500; at++) {
    addAll(fold, [denial(at)], 'auth.log');
    addAll(fold, [denial(at)], 'syslog');
  }
  const size = fold.changes().reduce((sum, [, value]) => sum + (value?.length ?? 0), 0);
  assert.ok(size < 8000, `${size} characters`);
});

void test('a log whose times go back brings no denial twice', () => {
  const fold = following('auth.log', 'syslog');
  const [first, ...rest] = [1000, 999, 998, 1058].map((at, pid) => denial(at, { pid }));
  addAll(fold, [first as Denial], 'auth.log');
  addAll(fold, [first as Denial], 'syslog');
  assert.equal(addAll(fold, rest, 'auth.log').length, 3);
  assert.deepEqual(addAll(fold, rest, 'syslog'), []);
});

void test('what another line had reported already is not counted', () => {
  const fold = following('auth.log', 'syslog');
  const count = (stream: string, ...denials: Denial[]) =>
    denials.reduce((sum, one) => sum + fold.add(one, stream).count, 0);
  assert.equal(count('auth.log', denial(1), denial(2, { count: 3 }), denial(9)), 5);
  assert.equal(count('syslog', denial(1), denial(2, { count: 3 }), denial(20)), 1);
});
