import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import { Clocks } from '../../src/fold/clock.ts';

/** Writes what changed into rows, and gives how many rows that were. */
function store(clocks: Clocks, rows: Map<string, string>): number {
  const changes = [...clocks.changes()];
  for (const [key, value] of changes) {
    if (value === null) rows.delete(key);
    else rows.set(key, value);
  }
  return changes.length;
}

const names = Array.from({ length: 10_000 }, (_, n) => `/var/log/remote/${n}.log`);

test('of ten thousand streams a transaction writes those that moved, and one that all advanced', () => {
  const clocks = new Clocks([]);
  clocks.follow(names);
  const rows = new Map<string, string>();
  clocks.advance(1000);
  assert.equal(store(clocks, rows), 1);
  clocks.read(names[7]!, 2000);
  clocks.read(names[9]!, 3000);
  assert.equal(store(clocks, rows), 2);
  assert.deepEqual([clocks.horizon(), clocks.latest()], [1000, 3000]);
  clocks.advance(2500);
  assert.equal(store(clocks, rows), 2);
  assert.deepEqual(Object.fromEntries(rows), {
    clock: '2500',
    'clock:/var/log/remote/9.log': '3000',
  });
});

test('one stream is as far as it was read and is not stored', () => {
  const clocks = new Clocks([]);
  clocks.read('log', 5000);
  assert.deepEqual([clocks.horizon(), clocks.latest()], [5000, 5000]);
  clocks.read('log', 4000);
  assert.equal(clocks.horizon(), 4000);
  assert.deepEqual([...clocks.changes()], []);
  assert.equal(new Clocks([]).horizon(), Infinity);
});

test('a row of an older version holds all streams', () => {
  const clocks = new Clocks([['clock', '{"a":5,"b":7}']]);
  clocks.follow(['a', 'b']);
  assert.deepEqual([clocks.horizon(), clocks.latest()], [5, 7]);
  assert.throws(() => new Clocks([['clock', '["a"]']]), /no time/);
});

/** The same in a plain way: a time for each stream. */
class Model {
  times = new Map<string, number>();
  follow = (streams: readonly string[]) => {
    this.times = new Map(streams.map((stream) => [stream, this.times.get(stream) ?? 0]));
  };
  read = (stream: string, at: number) => void this.times.set(stream, at);
  advance = (now: number) => {
    for (const [stream, at] of this.times) this.times.set(stream, Math.max(at, now));
  };
  setBack = (now: number) => {
    for (const [stream, at] of this.times) this.times.set(stream, Math.min(at, now));
  };
}

test('it says what a clock for each stream would say, also after restarts', () => {
  const stream = fc.constantFrom('a', 'b', 'c');
  const time = fc.integer({ min: 1, max: 9 });
  const step = fc.oneof(
    fc.tuple(fc.constant('read' as const), stream, time),
    fc.tuple(fc.constantFrom('advance' as const, 'setBack' as const), fc.constant(''), time),
    fc.tuple(fc.constant('restart' as const), fc.constant(''), fc.constant(0)),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const all = ['a', 'b', 'c'];
      const rows = new Map<string, string>();
      let clocks = new Clocks([]);
      const model = new Model();
      clocks.follow(all);
      model.follow(all);
      for (const [what, of, at] of steps) {
        if (what === 'restart') {
          store(clocks, rows);
          clocks = new Clocks(rows);
          clocks.follow(all);
        } else if (what === 'read') {
          clocks.read(of, at);
          model.read(of, at);
        } else {
          clocks[what](at);
          model[what](at);
        }
        const times = [...model.times.values()];
        assert.equal(clocks.horizon(), Math.min(...times));
        assert.equal(clocks.latest(), Math.max(...times));
      }
    }),
    { numRuns: 500 },
  );
});
