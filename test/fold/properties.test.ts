import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import type { Alert } from '../../src/fold/alert.ts';
import { Fold } from '../../src/fold/fold.ts';
import type { Denial } from '../../src/parse/denial.ts';
import { denial, OPTIONS, Rows, total } from './given.ts';

const options = fc.record({
  window: fc.constantFrom(0, 10_000, 60_000),
  maxWindow: fc.constantFrom(60_000, 3_600_000),
  keys: fc.constantFrom(2, 5, 1000),
  scan: fc.constantFrom(null, { daemons: 3, window: 30_000, network: 4 }),
  storm: fc.constantFrom(null, { alerts: 5, every: 60_000 }, { alerts: 2, every: 5000 }),
});
const ROOMY = options.map((some) => ({ ...some, keys: 1000 }));

/** What is told of one denial, and how long after the one before, in seconds. */
const step = fc.record({
  wait: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 20 }) },
    fc.constantFrom(0.25, 60, 120, 5000),
    fc.constantFrom(-1, -0.5),
  ),
  client: fc.oneof(
    fc.integer({ min: 1, max: 3 }).map((n) => `198.51.100.${n}`),
    fc.integer({ min: 1, max: 40 }).map((n) => `10.${n}.0.1`),
  ),
  daemon: fc.constantFrom('sshd', 'in.telnetd', 'vsftpd', 'slapd'),
  count: fc.constantFrom(1, 1, 1, 4),
});
const steps = fc.array(step, { maxLength: 150 });

/** Denials at the times that the steps give; each has its own pid. */
function denials(
  given: readonly { wait: number; client: string; daemon: string; count: number }[],
) {
  let at = 1000;
  return given.map(({ wait, ...rest }, pid) => denial((at += wait), { ...rest, pid }));
}

const counts = (all: readonly Denial[]) => all.reduce((sum, { count }) => sum + count, 0);
/** Alerts in an order that does not depend on when they were told. */
const sorted = (alerts: readonly Alert[]) =>
  alerts.map((alert) => JSON.stringify(alert)).toSorted();
const END = 1e9;

void test('told and open are all denials, whatever crashes between', () => {
  const crashes = fc.array(fc.constantFrom('commit', 'commit', 'crash', 'none'), { maxLength: 60 });
  fc.assert(
    fc.property(options, steps, crashes, (config, given, ends) => {
      const all = denials(given);
      const rows = new Rows();
      let fold = new Fold(config, rows);
      const told: Alert[] = [];
      let pending: Alert[] = [];
      let [next, stored, turn] = [0, 0, 0];
      while (next < all.length) {
        pending.push(...fold.add(all[next] as Denial, 'log'));
        next++;
        const end = ends[turn++] ?? 'commit';
        if (end === 'commit') {
          rows.store(fold);
          told.push(...pending);
          stored = next;
        } else if (end === 'crash') {
          fold = new Fold(config, rows);
          next = stored;
        }
        if (end !== 'none') pending = [];
        const before = counts(all.slice(0, next));
        assert.equal(total(told) + total(pending) + fold.open(), before);
      }
      rows.store(fold);
      told.push(...pending);
      fold = new Fold(config, rows);
      assert.equal(total(told) + fold.open(), counts(all));
      told.push(...fold.advance(END * 1000));
      assert.equal(total(told), counts(all));
      assert.equal(fold.open(), 0);
      assert.equal(fold.next(), null);
      rows.store(fold);
      assert.deepEqual(
        [...rows.keys()].filter((key) => key !== 'storm' && key !== 'clock'),
        [],
      );
    }),
    { numRuns: 150 },
  );
});

void test('reading a log afterwards, or with restarts, gives the alerts of having followed it', () => {
  fc.assert(
    fc.property(
      ROOMY,
      steps,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
      (config, given, parts) => {
        const all = denials(given.map((one) => ({ ...one, wait: Math.max(0, one.wait) })));
        const afterwards = new Fold(config, []);
        const expected = all.flatMap((each) => afterwards.add(each, 'log'));
        expected.push(...afterwards.advance(END * 1000));

        const rows = new Rows();
        let live = new Fold(config, rows);
        const told: Alert[] = [];
        let now = 0;
        for (const [i, each] of all.entries()) {
          // The clock runs to somewhere between the last denial and this one, as timers would.
          const until = now + (each.at - now) * (parts[i] ?? 1);
          for (let due = live.next(); due !== null && due <= until; due = live.next()) {
            told.push(...live.advance(due));
          }
          told.push(...live.advance(until), ...live.add(each, 'log'));
          now = each.at;
          if (i % 7 !== 0) continue;
          rows.store(live);
          live = new Fold(config, rows);
        }
        told.push(...live.advance(END * 1000));
        assert.deepEqual(told, expected);
      },
    ),
    { numRuns: 150 },
  );
});

void test('a second log that tells the same, as late as may be, changes no alert', () => {
  const lags = fc.array(fc.integer({ min: 0, max: 20 }));
  fc.assert(
    fc.property(ROOMY, steps, lags, (config, given, lag) => {
      const calm = { ...config, storm: null };
      const all = denials(given);
      const single = new Fold(calm, []);
      const expected = all.flatMap((each) => single.add(each, 'a'));
      expected.push(...single.advance(END * 1000));

      const both = new Fold(calm, []);
      both.follow(['a', 'b']);
      const told: Alert[] = [];
      let second = 0;
      for (const [i, each] of all.entries()) {
        told.push(...both.add(each, 'a'));
        while (second <= i - (lag[i] ?? 0)) told.push(...both.add(all[second++] as Denial, 'b'));
      }
      for (const each of all.slice(second)) told.push(...both.add(each, 'b'));
      told.push(...both.advance(END * 1000));
      assert.deepEqual(sorted(told), sorted(expected));
    }),
    { numRuns: 150 },
  );
});

void test('each connection is counted once, whichever of three logs have it, in any order', () => {
  const which = fc.subarray(['a', 'b', 'c'], { minLength: 1 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(step, which), { maxLength: 80 }),
      fc.infiniteStream(fc.nat(2)),
      (given, turns) => {
        const all = denials(given.map(([one]) => ({ ...one, wait: Math.abs(one.wait) })));
        const logs = ['a', 'b', 'c'].map((stream) => ({
          stream,
          lines: all.filter((_, i) => given[i]?.[1].includes(stream)),
        }));
        const fold = new Fold({ ...OPTIONS, window: 0 }, []);
        fold.follow(['a', 'b', 'c']);
        let told = 0;
        while (logs.some(({ lines }) => lines.length > 0)) {
          const { stream, lines } = logs[turns.next().value as number] ?? { stream: '', lines: [] };
          const line = lines.shift();
          if (line !== undefined) told += total(fold.add(line, stream));
        }
        assert.equal(told, counts(all));
      },
    ),
    { numRuns: 150 },
  );
});
