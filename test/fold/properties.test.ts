import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import type { FoldConfig } from '../../src/fold/config.ts';
import type { Alert } from '../../src/fold/alert.ts';
import { Fold } from '../../src/fold/fold.ts';
import type { Denial } from '../../src/parse/denial.ts';
import { denial, denialOf, OPTIONS, Rows, textOf, total } from './given.ts';

const options = fc.record({
  window: fc.constantFrom(0, 10_000, 60_000),
  maxWindow: fc.constantFrom(60_000, 3_600_000),
  keys: fc.constantFrom(2, 5, 1000),
  scan: fc.constantFrom(
    null,
    { daemons: 4, window: 60_000, network: null, hosts: 2 },
    { daemons: 3, window: 30_000, network: 4, hosts: 3 },
    { daemons: 3, window: 30_000, network: 4, hosts: null },
  ),
  storm: fc.constantFrom(null, { alerts: 5, every: 60_000 }, { alerts: 2, every: 5000 }),
});
const ROOMY = options.map((some) => ({ ...some, keys: 1000 }));

/** What a line says of one denial, and how long after the one before, in seconds. */
const step = fc.record({
  wait: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 20 }) },
    fc.constantFrom(0.25, 60, 120, 5000),
  ),
  /** How long ago the line says that it was, in seconds. */
  late: fc.oneof(
    { weight: 8, arbitrary: fc.constant(0) },
    fc.constantFrom(0.5, 1),
    fc.integer({ min: 1, max: 60 }),
  ),
  client: fc.oneof(
    fc.integer({ min: 1, max: 3 }).map((n) => `198.51.100.${n}`),
    fc.integer({ min: 1, max: 40 }).map((n) => `10.${n}.0.1`),
  ),
  host: fc.constantFrom('gw', 'gw', 'gw', 'web1', 'web2', 'web3', 'web4', null),
  daemon: fc.constantFrom('sshd', 'in.telnetd', 'vsftpd', 'slapd'),
  count: fc.constantFrom(1, 1, 1, 4),
});
/** Without a size, fast-check makes no array of more than about ten. */
const long = { maxLength: 100, size: 'max' } as const;
const steps = fc.array(step, long);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Denials at the times that the steps give; each has its own pid. */
function denials(given: readonly Step[]) {
  let at = 1000;
  return given.map(({ wait, late, ...rest }, pid) => denial((at += wait) - late, { ...rest, pid }));
}

/** Denials whose times never go back. */
const inOrder = (given: readonly Step[]) => denials(given.map((one) => ({ ...one, late: 0 })));

const counts = (all: readonly Denial[]) => all.reduce((sum, { count }) => sum + count, 0);
/** Alerts in an order that does not depend on when they were reported. */
const sorted = (alerts: readonly Alert[]) =>
  alerts.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
const name = (alert: Alert) => `${alert.at} ${alert.kind} ${denialOf(alert)?.pid} ${textOf(alert)}`;
const END = 1e9;
/** FC_RUNS=20000 looks longer; FC_SEED and FC_PATH play a failure back. */
const { FC_RUNS, FC_SEED, FC_PATH } = process.env;
const RUNS = {
  numRuns: Number(FC_RUNS ?? 150),
  ...(FC_SEED === undefined ? {} : { seed: Number(FC_SEED) }),
  ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
};

void test('all denials are reported or open, whatever crashes between', () => {
  const crashes = fc.array(fc.constantFrom('commit', 'commit', 'crash', 'none'), long);
  fc.assert(
    fc.property(options, steps, crashes, (config, given, ends) => {
      const all = denials(given);
      const rows = new Rows();
      let fold = new Fold(config, rows);
      const reported: Alert[] = [];
      let pending: Alert[] = [];
      let [next, stored, turn] = [0, 0, 0];
      while (next < all.length) {
        pending.push(...fold.add(all[next] as Denial, 'log').alerts);
        next++;
        const end = ends[turn++] ?? 'commit';
        if (end === 'commit') {
          rows.store(fold);
          reported.push(...pending);
          stored = next;
        } else if (end === 'crash') {
          fold = new Fold(config, rows);
          next = stored;
        }
        if (end !== 'none') pending = [];
        const before = counts(all.slice(0, next));
        assert.equal(total(reported) + total(pending) + fold.open(), before);
      }
      rows.store(fold);
      reported.push(...pending);
      fold = new Fold(config, rows);
      assert.equal(total(reported) + fold.open(), counts(all));
      reported.push(...fold.advance(END * 1000));
      assert.equal(total(reported), counts(all));
      assert.equal(fold.open(), 0);
      assert.equal(fold.next(), null);
      rows.store(fold);
      assert.deepEqual(
        [...rows.keys()].filter((key) => key !== 'storm' && key !== 'clock'),
        [],
      );
    }),
    RUNS,
  );
});

void test('reading a log afterwards, or with restarts, gives the alerts of having followed it', () => {
  fc.assert(
    fc.property(
      ROOMY,
      steps,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), long),
      (config, given, parts) => {
        const all = inOrder(given);
        const afterwards = new Fold(config, []);
        const expected = all.flatMap((each) => afterwards.add(each, 'log').alerts);
        expected.push(...afterwards.advance(END * 1000));

        const rows = new Rows();
        let live = new Fold(config, rows);
        const reported: Alert[] = [];
        let now = 0;
        for (const [i, each] of all.entries()) {
          // The clock runs to somewhere between the last denial and this one, as timers would.
          const until = now + (each.at - now) * (parts[i] ?? 1);
          for (let due = live.next(); due !== null && due <= until; due = live.next()) {
            reported.push(...live.advance(due));
          }
          reported.push(...live.advance(until), ...live.add(each, 'log').alerts);
          now = each.at;
          if (i % 7 !== 0) continue;
          rows.store(live);
          live = new Fold(config, rows);
        }
        reported.push(...live.advance(END * 1000));
        assert.deepEqual(reported, expected);
      },
    ),
    RUNS,
  );
});

/**
 * What a fold reports of two logs that have the same; the second is read `lag` denials later. It is
 * restarted now and then.
 */
function readTwice(config: FoldConfig, all: readonly Denial[], lag: readonly number[]): Alert[] {
  const rows = new Rows();
  let fold = new Fold(config, rows);
  fold.follow(['a', 'b']);
  const reported: Alert[] = [];
  let second = 0;
  for (const [i, each] of all.entries()) {
    reported.push(...fold.add(each, 'a').alerts);
    while (second <= i - (lag[i] ?? 0))
      reported.push(...fold.add(all[second++] as Denial, 'b').alerts);
    if (i % 7 !== 0) continue;
    rows.store(fold);
    fold = new Fold(config, rows);
    fold.follow(['a', 'b']);
  }
  for (const each of all.slice(second)) reported.push(...fold.add(each, 'b').alerts);
  reported.push(...fold.advance(END * 1000));
  return reported;
}

const lags = fc.array(fc.integer({ min: 0, max: 20 }), long);

// This is promised of logs whose times do not go back: there, whether a window has ended may depend
// on the other log. And it is promised while there is no storm: which alert is one too many in a
// minute depends on which log is read first.
void test('a second log with the same lines, as late as it may be, changes no alert', () => {
  fc.assert(
    fc.property(ROOMY, steps, lags, (config, given, lag) => {
      const calm = { ...config, storm: null };
      const all = inOrder(given);
      const single = new Fold(calm, []);
      const expected = all.flatMap((each) => single.add(each, 'a').alerts);
      expected.push(...single.advance(END * 1000));
      assert.deepEqual(sorted(readTwice(calm, all, lag)), sorted(expected));
    }),
    RUNS,
  );
});

void test('a second log changes no count, though times go back by up to a minute', () => {
  fc.assert(
    fc.property(ROOMY, steps, lags, (config, given, lag) => {
      const all = denials(given);
      assert.equal(total(readTwice(config, all, lag)), counts(all));
    }),
    RUNS,
  );
});

void test('each connection is counted once, whichever of three logs have it, in any order', () => {
  const which = fc.subarray(['a', 'b', 'c'], { minLength: 1 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(step, which), long),
      fc.infiniteStream(fc.nat(2)),
      (given, turns) => {
        const all = inOrder(given.map(([one]) => one));
        const logs = ['a', 'b', 'c'].map((stream) => ({
          stream,
          lines: all.filter((_, i) => given[i]?.[1].includes(stream)),
        }));
        const fold = new Fold({ ...OPTIONS, window: 0 }, []);
        fold.follow(['a', 'b', 'c']);
        let reported = 0;
        while (logs.some(({ lines }) => lines.length > 0)) {
          const { stream, lines } = logs[turns.next().value as number] ?? { stream: '', lines: [] };
          const line = lines.shift();
          if (line !== undefined) reported += total(fold.add(line, stream).alerts);
        }
        assert.equal(reported, counts(all));
      },
    ),
    RUNS,
  );
});
