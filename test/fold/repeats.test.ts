import assert from 'node:assert/strict';
import test from 'node:test';
import { Fold } from '../../src/fold/fold.ts';
import { addAll, denial, denialOf, OPTIONS, restarted, short } from './given.ts';

void test('the first denial of a key is an alert at once', () => {
  const first = denial(0);
  assert.deepEqual(new Fold(OPTIONS, []).add(first, 'auth.log'), {
    alerts: [{ kind: 'denial', at: 0, count: 1, denial: first }],
    count: 1,
  });
});

void test('more of them are counted and reported when the window ends, then in growing windows', () => {
  const fold = new Fold({ ...OPTIONS, maxWindow: 200_000 }, []);
  const reported = addAll(
    fold,
    Array.from({ length: 70 }, (_, i) => denial(i * 10)),
  );
  assert.deepEqual(reported, [
    '0 denial 1',
    '60 repeat 5 (5 more in 60s)',
    '180 repeat 12 (12 more in 2m)',
    '380 repeat 20 (20 more in 200s)',
    '580 repeat 20 (20 more in 200s)',
  ]);
  assert.equal(fold.open(), 12);
  assert.deepEqual(fold.advance(780_000).map(short), ['780 repeat 12 (12 more in 200s)']);
  assert.equal(fold.open(), 0);
});

void test('a window that ends without a count closes the key', () => {
  const fold = new Fold(OPTIONS, []);
  assert.deepEqual(addAll(fold, [denial(0), denial(60)]), ['0 denial 1', '60 denial 1']);
  assert.deepEqual(fold.advance(120_000), []);
  assert.equal(fold.next(), null);
});

void test('host, daemon and client each make a key of their own', () => {
  const others = [{ host: null }, { daemon: 'in.telnetd' }, { client: '198.51.100.1' }];
  const fold = new Fold(OPTIONS, []);
  const denials = [denial(0), ...others.map((other) => denial(1, other))];
  assert.equal(addAll(fold, denials).length, 4);
});

void test('an address is the key rather than a name, which an attacker may choose again each time', () => {
  const names = ['a.example', 'b.example', null];
  const fold = new Fold(OPTIONS, []);
  const denials = names.map((client) => denial(1, { client, address: '203.0.113.7' }));
  assert.deepEqual(addAll(fold, denials), ['1 denial 1']);
});

void test('a denial of an unknown client is an alert too', () => {
  const fold = new Fold(OPTIONS, []);
  assert.deepEqual(addAll(fold, [denial(1, { client: null }), denial(2, { client: null })]), [
    '1 denial 1',
  ]);
});

void test("syslog's own repeats count as so many", () => {
  const fold = new Fold(OPTIONS, []);
  const denials = [denial(0, { count: 4 }), denial(10), denial(20, { count: 3 })];
  assert.deepEqual(addAll(fold, denials), ['0 denial 4 (4 times)']);
  assert.deepEqual(fold.advance(60_000).map(short), ['60 repeat 4 (4 more in 60s)']);
});

void test('with window 0 each denial is an alert and nothing is kept', () => {
  const fold = new Fold({ ...OPTIONS, window: 0 }, []);
  assert.equal(addAll(fold, [denial(0), denial(1), denial(2)]).length, 3);
  assert.deepEqual(fold.changes(), []);
  assert.equal(fold.next(), null);
});

void test('next says when advance has something to do, and null while nothing is open', () => {
  const fold = new Fold(OPTIONS, []);
  assert.equal(fold.next(), null);
  addAll(fold, [denial(10), denial(20)]);
  assert.equal(fold.next(), 70_000);
  assert.deepEqual(fold.advance(69_999), []);
  assert.equal(fold.advance(70_000).length, 1);
  assert.equal(fold.next(), 190_000);
});

void test('a denial counts at its own time when advance comes late', () => {
  const fold = new Fold(OPTIONS, []);
  addAll(fold, [denial(0), denial(1)]);
  assert.deepEqual(addAll(fold, [denial(61)]), ['60 repeat 1 (1 more in 60s)']);
  assert.equal(fold.open(), 1);
});

void test('open windows outlive a restart', () => {
  const fold = restarted(new Fold(OPTIONS, []));
  addAll(fold, [denial(0), denial(1), denial(2)]);
  const again = restarted(fold);
  assert.equal(again.open(), 2);
  assert.deepEqual(addAll(again, [denial(30)]), []);
  const [alert] = again.advance(60_000);
  assert.deepEqual(denialOf(alert), denial(0));
  assert.equal(alert?.count, 3);
});

void test('rows are given once, and a closed key has none left', () => {
  const fold = new Fold(OPTIONS, []);
  addAll(fold, [denial(0)]);
  assert.equal(fold.changes().length, 1);
  assert.deepEqual(fold.changes(), []);
  fold.advance(60_000);
  assert.deepEqual(
    fold.changes().map(([, value]) => value),
    [null],
  );
});

const client = (n: number) => ({ client: `198.51.100.${n}` });

void test('with too many keys the least active one is closed, and its count is reported', () => {
  const fold = new Fold({ ...OPTIONS, keys: 3 }, []);
  const busy = [denial(0), denial(1), denial(2), denial(3)];
  addAll(fold, [...busy, denial(4, client(1)), denial(5, client(2))]);
  assert.deepEqual(addAll(fold, [denial(6, client(3)), denial(7, client(4))]), [
    '6 denial 1',
    '7 denial 1',
  ]);
  assert.equal(fold.open(), 3);
  addAll(fold, [denial(8, client(3)), denial(9, client(4))]);
  assert.deepEqual(addAll(fold, [denial(10, client(5))]), [
    '10 denial 1',
    '10 repeat 1 (1 more in 4s)',
  ]);
});

void test('windows that end together end in the same order after a restart', () => {
  const fold = new Fold(OPTIONS, []);
  const order = [5, 3, 9, 1, 7];
  for (const n of order) addAll(fold, [denial(0, client(n)), denial(1, client(n))]);
  const clients = restarted(fold)
    .advance(60_000)
    .map((alert) => denialOf(alert)?.client);
  assert.deepEqual(
    clients,
    [1, 3, 5, 7, 9].map((n) => client(n).client),
  );
  assert.deepEqual(
    fold.advance(60_000).map((alert) => denialOf(alert)?.client),
    clients,
  );
});
