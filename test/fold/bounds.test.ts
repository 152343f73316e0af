import assert from 'node:assert/strict';
import test from 'node:test';
import { Fold } from '../../src/fold/fold.ts';
import { addAll, denial, OPTIONS, Rows, short, total } from './given.ts';

const SCAN = { daemons: 3, window: 60_000, network: 4, hosts: 3 };
const ALL = { ...OPTIONS, keys: 1000, scan: SCAN };

/** A name of `size` characters that take two bytes each. */
const long = (n: number, size: number) => `${n}.`.padEnd(size, '\u0431');

test('rows are bounded in bytes: long names have fewer, and no count is lost', () => {
  const fold = new Fold({ ...ALL, keys: 100 }, []);
  fold.follow(['a', 'b']);
  const rows = new Rows();
  let reported = 0;
  let most = 0;
  for (let n = 0; n < 3000; n++) {
    const names = { client: long(n, 250), daemon: long(n % 7, 250), host: long(n % 11, 250) };
    const { alerts, count } = fold.add(
      denial(n / 100, { ...names, user: long(n, 250), pid: n }),
      'a',
    );
    reported += total(alerts);
    assert.equal(count, 1);
    if (n % 50 > 0) continue;
    rows.store(fold);
    most = Math.max(most, [...rows].flat().join('').length);
  }
  assert.equal(reported + fold.open(), 3000);
  // Windows, two kinds of duplicates, and groups and members of three kinds have 60,000 bytes each.
  assert.ok(most < 500_000, `${most} characters`);
});

test('a row that cannot be read is dropped and counted, and all others are loaded', () => {
  const first = new Fold(ALL, []);
  const rows = new Rows();
  addAll(first, [denial(0), denial(1), denial(2)]);
  addAll(
    first,
    ['a', 'b', 'c', 'd'].map((daemon) => denial(3, { daemon, client: '192.0.2.1' })),
  );
  rows.store(first);
  const open = first.open();
  const broken: [string, string | null][] = [
    ['window:a', '{'],
    ['window:b', '[1,2]'],
    ['window:c', '[1,2,3,4,null,null,null,null,null,null,null,null,1]'],
    ['window:d', null],
    ['window:e', 'null'],
    ['same:a', '[[1,2,3]]x'],
    ['same:b', '[]'],
    ['same:c', '[null]'],
    ['scan:a', '["gw",0,1,1]'],
    ['sweep:b', '7'],
    ['member of sweep:b\nx', 'y'],
    ['storm', '{"recent":[["x"]],"period":null}'],
  ];
  const fold = new Fold(ALL, [...broken, ...rows]);
  assert.equal(fold.unreadable, broken.length);
  assert.equal(fold.open(), open);
  const gone = fold.changes().filter(([, value]) => value === null);
  assert.deepEqual(new Set(gone.map(([key]) => key)), new Set(broken.map(([key]) => key)));
  assert.deepEqual(fold.advance(60_000).map(short), ['60 repeat 2 (2 more in 60s)']);
});

test('a group that an older version saved goes on with its count', () => {
  const saved: [string, string][] = [
    ['scan:203.0.113.7', '["gw",0,60000,7,[["sshd",1],["vsftpd",2]]]'],
    ['network:192.0.2.0/24\nsshd', '["gw",0,0,0,[["192.0.2.1",1000]]]'],
  ];
  const fold = new Fold(ALL, saved);
  assert.equal(fold.unreadable, 0);
  assert.equal(fold.open(), 7);
  assert.equal(total(fold.advance(60_000)), 7);
});
