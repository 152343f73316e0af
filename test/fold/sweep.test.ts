import assert from 'node:assert/strict';
import test from 'node:test';
import { Fold } from '../../src/fold/fold.ts';
import { addAll, denial, OPTIONS, Rows, short, textOf, total } from './given.ts';

const SWEEP = {
  ...OPTIONS,
  keys: 20_000,
  scan: { daemons: 3, window: 60_000, network: null, hosts: 5 },
  storm: { alerts: 60, every: 60_000 },
};
const web = (n: number) => `web${String(n).padStart(4, '0')}`;
/** A client refused on so many hosts, one each `step` seconds. */
const hosts = (count: number, at: number, step: number, daemon = 'sshd') =>
  Array.from({ length: count }, (_, n) => denial(at + n * step, { host: web(n), daemon, pid: n }));

test('one client refused on 2,000 hosts in a minute is one sweep, with how many and the first', () => {
  const fold = new Fold(SWEEP, []);
  const before = addAll(fold, hosts(2000, 0, 0.02));
  assert.deepEqual(before, ['0 denial 1', '0.02 denial 1', '0.04 denial 1', '0.06 denial 1']);
  assert.equal(fold.open(), 1996);
  assert.deepEqual(fold.advance(60_000).map(short), [
    '60 sweep 1996: Sweep from 203.0.113.7: refused by sshd on 2000 hosts in 60s ' +
      '(web0000, web0001, web0002, …)',
  ]);
  assert.equal(fold.open(), 0);
});

test('a sweep that goes on is reported again with its counts, in growing windows', () => {
  const fold = new Fold(SWEEP, []);
  addAll(fold, hosts(10, 0, 1));
  addAll(fold, [...hosts(2, 70, 1), ...hosts(2, 80, 1, 'vsftpd')]);
  assert.deepEqual(fold.advance(200_000).map(short), [
    '180 sweep 4: Sweep from 203.0.113.7: 4 more, refused by sshd, vsftpd on 2 hosts in 2m ' +
      '(web0000, web0001)',
  ]);
  fold.advance(1e9);
  assert.equal(fold.next(), null);
});

test('fewer hosts, or as many over a longer time, are no sweep', () => {
  for (const step of [10, 16]) {
    const fold = new Fold(SWEEP, []);
    addAll(fold, hosts(step === 10 ? 4 : 50, 0, step));
    assert.ok(fold.advance(1e9).every(({ kind }) => kind === 'repeat'));
  }
});

test('where no host is named there is no sweep', () => {
  const fold = new Fold(SWEEP, []);
  const nowhere = Array.from({ length: 20 }, (_, pid) => denial(pid, { host: null, pid }));
  addAll(fold, nowhere);
  assert.deepEqual(fold.advance(60_000).map(short), ['60 repeat 19 (19 more in 60s)']);
});

test('a sweep of several daemons is one, and not a scan on each host', () => {
  const fold = new Fold({ ...SWEEP, scan: { ...SWEEP.scan, daemons: 2 } }, []);
  const all = ['sshd', 'vsftpd'].flatMap((daemon) => hosts(50, 1, 0.01, daemon));
  const reported = [
    ...addAll(
      fold,
      all.toSorted((a, b) => a.at - b.at),
    ),
    ...fold.advance(61_000).map(short),
  ];
  const sweeps = reported.filter((one) => one.includes('sweep'));
  assert.equal(sweeps.length, 1);
  assert.match(sweeps.join(), /^61 sweep 92: .* sshd, vsftpd on 50 hosts in 60s \(web0000/);
});

test('a sweep outlives restarts, with the order of its hosts', () => {
  let fold = new Fold(SWEEP, []);
  const rows = new Rows();
  const all = hosts(300, 0, 0.1);
  let reported = 0;
  for (const [i, each] of all.entries()) {
    reported += total(fold.add(each, 'auth.log').alerts);
    if (i % 50 !== 3) continue;
    rows.store(fold);
    fold = new Fold(SWEEP, [...rows].toReversed());
  }
  const [sweep] = fold.advance(60_000);
  assert.match(sweep === undefined ? '' : textOf(sweep), /on 300 hosts in 60s \(web0000, web0001,/);
  assert.equal(reported + (sweep?.count ?? 0), 300);
});

test('a sweep costs a row a host, and none when it is over', () => {
  const fold = new Fold(SWEEP, []);
  const rows = new Rows();
  addAll(fold, hosts(1000, 0, 0.05));
  rows.store(fold);
  assert.ok(rows.size < 1020, `${rows.size} rows`);
  addAll(fold, hosts(1, 59, 0));
  assert.ok(fold.changes().length <= 2);
  rows.store(fold);
  fold.advance(60_000);
  fold.advance(1e9);
  rows.store(fold);
  assert.deepEqual(
    [...rows.keys()].filter((key) => key !== 'storm'),
    [],
  );
});

test('more hosts than are kept are said to be at least so many', () => {
  const fold = new Fold({ ...SWEEP, keys: 100 }, []);
  addAll(fold, hosts(300, 0, 0.1));
  const text = fold.advance(60_000).map(textOf).join('\n');
  assert.match(text, /Sweep from 203\.0\.113\.7: refused by sshd on at least 100 hosts in 60s/);
});

test('the summary of a storm names the hosts that refused most, and clients over all hosts', () => {
  const fold = new Fold({ ...SWEEP, scan: null, storm: { alerts: 5, every: 60_000 } }, []);
  addAll(fold, hosts(5, 0, 0));
  addAll(fold, [...hosts(100, 1, 0), ...hosts(2, 2, 0), ...hosts(1, 3, 0)]);
  assert.deepEqual(fold.advance(61_000).map(short), [
    '61 storm 103: Denied 103 connections from 1 client to 1 daemon on 100 hosts in 61s ' +
      '(most: sshd-203.0.113.7 ×103, on web0000 ×3, web0001 ×2, web0002 ×1)',
  ]);
});
