import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import type { Alert } from '../../src/fold/alert.ts';
import { Fold } from '../../src/fold/fold.ts';
import type { Denial } from '../../src/parse/denial.ts';
import { addAll, denial, OPTIONS, restarted, Rows, short, textOf, total } from './given.ts';

const STORM = { ...OPTIONS, storm: { alerts: 5, every: 60_000 } };

/** So many denials of different clients, one each `step` seconds from `at` on. */
function clients(count: number, at: number, step: number, first = 0) {
  return Array.from({ length: count }, (_, i) =>
    denial(at + i * step, { client: `10.0.${(first + i) >> 8}.${(first + i) & 255}` }),
  );
}

void test('more alerts than allowed in a minute become one summary a period, until it calms', () => {
  const fold = new Fold(STORM, []);
  assert.equal(addAll(fold, clients(65, 0, 1)).length, 5);
  assert.equal(fold.open(), 60);
  assert.deepEqual(fold.advance(65_000).map(short), [
    '65 storm 60: Denied 60 connections from 60 clients to 1 daemon in 60s',
  ]);
  assert.equal(fold.next(), 125_000);
});

void test('the summary says how many, from how many, and from whom the most', () => {
  const fold = new Fold(STORM, []);
  addAll(fold, clients(5, 0, 0));
  const storm = [
    ...clients(48, 1, 0, 100),
    ...Array.from({ length: 909 }, (_, i) => denial(2 + i / 100)),
    denial(20, { daemon: 'in.telnetd' }),
    denial(20, { daemon: 'vsftpd', host: 'db' }),
  ];
  assert.deepEqual(addAll(fold, storm), []);
  assert.equal(fold.open(), 959);
  const [summary] = fold.advance(61_000);
  assert.ok(summary);
  assert.deepEqual(summary, {
    kind: 'storm',
    at: 61_000,
    host: null,
    count: 959,
    clients: 49,
    daemons: 3,
    hosts: 2,
    complete: true,
    duration: 60_000,
    most: [{ part: { kind: 'pair', daemon: 'sshd', client: '203.0.113.7' }, count: 909 }],
    topHosts: [
      { host: 'gw', count: 958 },
      { host: 'db', count: 1 },
    ],
  });
  assert.equal(
    textOf(summary),
    'Denied 959 connections from 49 clients to 3 daemons on 2 hosts in 60s ' +
      '(most: sshd-203.0.113.7 ×909, on gw ×958, db ×1)',
  );
});

/** So many denials of one client at once. */
const from = (client: string, times: number, given: Partial<Denial> = {}) =>
  Array.from({ length: times }, () => denial(1, { client, ...given }));

void test('the summary names the three that came most, scans among them', () => {
  const scan = { daemons: 2, window: 60_000, network: 3, hosts: null };
  const fold = new Fold({ ...STORM, scan }, []);
  const scanner = [
    ...from('203.0.113.9', 4),
    ...from('203.0.113.9', 9, { daemon: 'in.telnetd' }),
    ...['192.0.2.1', '192.0.2.2', '192.0.2.3'].flatMap((client) => from(client, 2)),
    ...from('192.0.2.4', 6),
  ];
  addAll(fold, [...scanner, ...clients(3, 2, 0)]);
  addAll(fold, [...from('a.example.org', 5), ...from('b.example.org', 2), ...from('c', 9)]);
  assert.match(
    fold.advance(70_000).map(short).join(),
    /most: sshd-c ×9, scan from 203\.0\.113\.9 ×8, sshd-192\.0\.2\.0\/24 ×7\)$/,
  );
});

void test('after a calm period alerts are reported again', () => {
  const fold = new Fold(STORM, []);
  addAll(fold, clients(20, 0, 0));
  assert.equal(fold.advance(60_000).length, 1);
  assert.deepEqual(addAll(fold, clients(3, 61, 1)), []);
  assert.deepEqual(fold.advance(120_000).map(short), [
    '120 storm 3: Denied 3 connections from 3 clients to 1 daemon in 60s',
  ]);
  assert.equal(fold.next(), null);
  assert.deepEqual(addAll(fold, clients(1, 121, 0)), ['121 denial 1']);
});

void test('a storm that just stops says nothing more', () => {
  const fold = new Fold(STORM, []);
  addAll(fold, clients(20, 0, 0));
  assert.equal(fold.advance(3_600_000).length, 1);
  assert.equal(fold.next(), null);
});

void test('as many alerts over a longer time are no storm', () => {
  const fold = new Fold(STORM, []);
  assert.equal(addAll(fold, clients(50, 0, 12.1)).length, 50);
});

void test('repeats that end in a storm are reported by it', () => {
  const fold = new Fold(STORM, []);
  addAll(fold, [denial(0), denial(1), denial(2)]);
  addAll(fold, clients(10, 30, 0));
  const [summary] = fold.advance(90_000);
  assert.ok(summary);
  assert.equal(summary.count, 8);
  assert.match(textOf(summary), /^Denied 8 connections from 7 clients to 1 daemon in 90s/);
});

void test('a storm outlives a restart', () => {
  const fold = new Fold(STORM, []);
  addAll(fold, clients(20, 0, 0));
  const again = restarted(fold, STORM);
  assert.equal(again.open(), 15);
  assert.deepEqual(addAll(again, clients(5, 10, 0, 100)), []);
  assert.equal(again.advance(60_000)[0]?.count, 20);
});

void test('what a storm counted is reported though storms are turned off meanwhile', () => {
  const fold = new Fold({ ...STORM, keys: 10 }, []);
  addAll(fold, clients(100, 0, 0));
  const off = restarted(fold, OPTIONS);
  assert.equal(off.open(), 95);
  assert.equal(total(off.advance(60_000)), 95);
  assert.equal(addAll(off, clients(50, 70, 0)).length, 50);
});

void test('a clock that is set back does not hold the summary back', () => {
  const fold = new Fold(STORM, []);
  addAll(fold, clients(20, 100_000, 0));
  const [summary] = fold.setBack(10_000);
  assert.equal(summary?.count, 15);
  // Nor does a later storm begin in the time that is not to come for long.
  addAll(fold, clients(20, 20, 0, 100));
  assert.equal(fold.next(), 80_000);
});

/** What a fold raised after each step, and how far the furthest stream was read then, ms. */
type Raised = readonly [furthest: number, alerts: readonly Alert[]];

/** The most alerts but summaries that came while the fold's time went on by less than a minute. */
function mostInAMinute(raised: readonly Raised[]): number {
  const times: number[] = [];
  for (const [furthest, alerts] of raised)
    for (const { kind, at } of alerts)
      // What a window counted is due at its end, even if that is noticed later.
      if (kind !== 'storm')
        times.push(Math.max(times.at(-1) ?? 0, kind === 'repeat' ? at : furthest));
  const counts = times.map((time, i) => i + 1 - times.findIndex((at) => at > time - 59_000));
  return Math.max(0, ...counts);
}

void test('streams that are read at different delays do not let a minute pass again and again', () => {
  for (const late of [
    [0, 59],
    [0, 75],
    [75, 0, 59, 61],
    [0, 86_400],
  ]) {
    const fold = new Fold(STORM, []);
    fold.follow(late.map(String));
    let furthest = 0;
    const raised = clients(600, 100_000, 0.5).map((one, i): Raised => {
      const by = late[i % late.length]!;
      const at = one.at - by * 1000;
      furthest = Math.max(furthest, at);
      const before = i % 3 === 0 ? fold.advance(at) : [];
      return [furthest, [...before, ...fold.add({ ...one, at }, `${by}`).alerts]];
    });
    assert.ok(mostInAMinute(raised) <= 5, `${late.join()}: ${mostInAMinute(raised)}`);
    const reported = raised.reduce((sum, [, alerts]) => sum + total(alerts), 0);
    assert.equal(reported + fold.open(), 600);
    // Five alerts, and a summary each minute.
    assert.ok(raised.flatMap(([, alerts]) => alerts).length <= 10);
  }
});

void test('whatever times denials have, no more alerts come than a storm allows', () => {
  const step = fc.record({
    wait: fc.constantFrom(0, 0, 100, 1000, 20_000),
    late: fc.integer({ min: 0, max: 200_000 }),
    stream: fc.constantFrom('a', 'b', 'c'),
    client: fc.integer({ min: 0, max: 80 }),
    isAdvanced: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      const fold = new Fold(STORM, []);
      fold.follow(['a', 'b', 'c']);
      let now = 1e9;
      let furthest = 0;
      const raised: Raised[] = [];
      for (const { wait, late, stream, client, isAdvanced } of steps) {
        now += wait;
        const at = now - late;
        furthest = Math.max(furthest, at);
        if (isAdvanced) raised.push([furthest, fold.advance(at)]);
        const one = { ...denial(0, { client: `10.0.0.${client}`, pid: raised.length }), at };
        raised.push([furthest, fold.add(one, stream).alerts]);
      }
      assert.ok(mostInAMinute(raised) <= 5, `${mostInAMinute(raised)}`);
    }),
  );
});

void test('200,000 clients cost a bounded number of rows, and none is lost', () => {
  const keys = 1000;
  const options = { ...STORM, keys, scan: { daemons: 3, window: 60_000, network: 8, hosts: null } };
  const fold = new Fold(options, []);
  const rows = new Map<string, string>();
  let reported = 0;
  let most = 0;
  for (let i = 0; i < 200_000; i++) {
    const n = (i * 2_654_435_761) % 4_294_967_296;
    const client = `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;
    reported += total(fold.add(denial(i / 3000, { client }), 'auth.log').alerts);
    if (i % 1000 > 0) continue;
    for (const [key, value] of fold.changes()) {
      if (value === null) rows.delete(key);
      else rows.set(key, value);
    }
    most = Math.max(most, rows.size);
  }
  assert.ok(most <= keys + 100, `${most} rows`);
  assert.equal(reported + fold.open(), 200_000);
  assert.match(
    fold.advance(3_600_000).map(textOf).join(),
    /from at least 1000 clients to 1 daemon/,
  );
  assert.equal(fold.open(), 0);
});

void test('a client that comes late into a crowd and stays is still the one named', () => {
  const fold = new Fold({ ...STORM, keys: 50 }, []);
  for (let i = 0; i < 1000; i++) {
    addAll(fold, [...clients(1, i / 100, 0, i), ...(i < 500 ? [] : [denial(i / 100)])]);
  }
  const text = fold.advance(61_000).map(textOf).join();
  const named = /most: sshd-203\.0\.113\.7 ×(\d+)\)$/.exec(text)?.[1];
  assert.ok(Number(named) > 400 && Number(named) <= 500, text);
});

void test('a window that had no count when the storm began does not make it look longer', () => {
  const fold = new Fold(STORM, []);
  addAll(fold, [denial(0), ...clients(6, 30, 0), denial(31)]);
  assert.deepEqual(fold.advance(90_000).map(short), [
    '90 storm 3: Denied 3 connections from 3 clients to 1 daemon in 60s',
  ]);
});

void test('daemons are counted separately though the keys had no room', () => {
  const fold = new Fold({ ...STORM, keys: 2 }, []);
  const each = Array.from({ length: 55 }, (_, i) => denial(0, { pid: i, daemon: `d${i}` }));
  addAll(fold, each);
  assert.match(fold.advance(60_000).map(textOf).join(), /to 50 daemons in 60s$/);
});

void test('of clients with as many denials a restart does not change which is named', () => {
  const given = [...clients(5, 0, 0), ...clients(4, 1, 0, 100), ...clients(4, 2, 0, 100)];
  const fold = new Fold(STORM, []);
  addAll(fold, given);
  const rows = new Rows();
  rows.store(fold);
  for (const saved of [[...rows], [...rows].toReversed()]) {
    const text = new Fold(STORM, saved).advance(61_000).map(textOf).join();
    assert.match(text, /most: sshd-10\.0\.0\.100 ×2/);
  }
});
