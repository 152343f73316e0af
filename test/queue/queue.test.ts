import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { groupKey } from '../../src/queue/history.ts';
import { Queue, type Batch } from '../../src/queue/queue.ts';
import type { NewResult } from '../../src/queue/result.ts';
import { tempDir } from '../support/temp.ts';

const DAY = 86_400_000;
const BOUNDS = { results: 1000, size: 1 << 30, keep: 7 * DAY };

function queueIn(
  t: TestContext,
  path = ':memory:',
  bounds = BOUNDS,
  now: () => number = Date.now,
  uptime: () => number = now,
): Queue {
  const queue = new Queue(path, { bounds, now, uptime });
  t.after(() => {
    try {
      queue.close();
    } catch {
      // The test has closed it.
    }
  });
  return queue;
}

function newResult(output: string, more: Partial<NewResult> = {}): NewResult {
  return {
    monitor: 'monitor:5667',
    at: 1000,
    host: 'firestorm',
    service: 'TCP Wrappers',
    state: 2,
    output,
    denials: 1,
    value: 0,
    ...more,
  };
}

function batch(more: Partial<Batch>): Batch {
  return {
    positions: [],
    folds: [],
    results: [],
    denials: 0,
    happened: { minutes: new Map(), groups: new Map(), events: [], unseen: [], brought: new Map() },
    alerts: 0,
    ignored: 0,
    reported: 0,
    inbox: [],
    ...more,
  };
}

/** So many denials in 1970. */
const refused = (denials: number) => ({
  denials,
  happened: {
    minutes: new Map([[0, denials]]),
    groups: new Map([[groupKey(0, 'gw', 'sshd'), new Map([['192.0.2.1', denials]])]]),
    events: [],
    unseen: [],
    brought: new Map(),
  },
});

const outputs = (queue: Queue) =>
  queue
    .outbox('monitor:5667')
    .waiting(0, 1e6)
    .map(({ output }) => output);

test('what was stored is there after the file was opened again', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const queue = queueIn(t, path);
  queue.store(
    batch({
      positions: [{ stream: '/var/log/auth.log', position: { offset: 42 }, carry: 'last line' }],
      folds: [
        ['a', '1'],
        ['b', '2'],
      ],
      results: [newResult('one'), newResult('two')],
      ...refused(2),
      alerts: 2,
    }),
  );
  queue.close();
  const again = queueIn(t, path);
  assert.deepEqual(again.position('/var/log/auth.log'), {
    position: { offset: 42 },
    carry: 'last line',
  });
  assert.deepEqual(
    [...again.folds()],
    [
      ['a', '1'],
      ['b', '2'],
    ],
  );
  assert.deepEqual(outputs(again), ['one', 'two']);
  const { denials, alerts } = again.overview.totals();
  assert.deepEqual({ denials, alerts }, { denials: 2, alerts: 2 });
  assert.deepEqual(
    again.history.perHour({ since: 0, until: DAY, host: null }).map((row) => ({ ...row })),
    [{ at: 0, denials: 2 }],
  );
});

test('a batch that fails half-way leaves nothing behind', (t) => {
  const queue = queueIn(t);
  const broken = newResult('no state', { state: null as never });
  assert.throws(() =>
    queue.store(
      batch({
        positions: [{ stream: 's', position: { offset: 1 }, carry: null }],
        folds: [['a', '1']],
        results: [newResult('good'), broken],
        ...refused(1),
      }),
    ),
  );
  assert.equal(queue.position('s'), undefined);
  assert.deepEqual([...queue.folds()], []);
  assert.deepEqual(outputs(queue), []);
  assert.deepEqual(queue.overview.totals(), {});
});

test('a fold row is replaced by its newer value and removed by null', (t) => {
  const queue = queueIn(t);
  queue.store(
    batch({
      folds: [
        ['a', '1'],
        ['b', '1'],
      ],
    }),
  );
  queue.store(
    batch({
      folds: [
        ['a', '2'],
        ['b', null],
      ],
    }),
  );
  assert.deepEqual([...queue.folds()], [['a', '2']]);
});

test('results leave in the order in which they came, and only when they were delivered', (t) => {
  const queue = queueIn(t);
  queue.put(['a', 'b', 'c', 'd'].map((name) => newResult(name)));
  const [first, second] = queue.outbox('monitor:5667').waiting(0, 2);
  assert.deepEqual([first?.output, second?.output], ['a', 'b']);
  queue.outbox('monitor:5667').failed([first!.id, second!.id]);
  assert.equal(queue.outbox('monitor:5667').waiting(0, 1)[0]?.attempts, 1);
  queue.outbox('monitor:5667').delivered([first!.id]);
  assert.deepEqual(outputs(queue), ['b', 'c', 'd']);
  assert.deepEqual(
    queue
      .outbox('monitor:5667')
      .waiting(second!.id, 9)
      .map(({ output }) => output),
    ['c', 'd'],
  );
});

test('a result that is set aside holds up no other', (t) => {
  const queue = queueIn(t);
  queue.put([newResult('bad'), newResult('good')]);
  queue
    .outbox('monitor:5667')
    .setAside(queue.outbox('monitor:5667').waiting(0, 1)[0]!.id, 'not authorised');
  assert.deepEqual(outputs(queue), ['good']);
  assert.equal(queue.overview.monitors()[0]?.setAside, 1);
});

test('of too many results those of least value go first, oldest first, and are counted', (t) => {
  const queue = queueIn(t, ':memory:', { ...BOUNDS, results: 3 });
  queue.put([newResult('storm', { value: 1, denials: 900 }), newResult('old'), newResult('new')]);
  const dropped = queue.put([newResult('newer', { denials: 5 }), newResult('newest')]);
  assert.deepEqual(dropped, { results: 2, denials: 2 });
  assert.deepEqual(outputs(queue), ['storm', 'newer', 'newest']);
  assert.deepEqual(queue.overview.totals(), { droppedResults: 2, droppedDenials: 2 });
});

test('a result that takes the place of another leaves the rest alone', (t) => {
  const queue = queueIn(t);
  queue.put([newResult('alert')]);
  const beat = (output: string) => newResult(output, { service: 'denywatch', value: -1 });
  queue.replace([beat('first')]);
  queue.replace([beat('second')]);
  assert.deepEqual(outputs(queue), ['alert', 'second']);
});

test('after a quiet time the OK is put once, until there was another alert', (t) => {
  let now = 0;
  const queue = queueIn(t, ':memory:', BOUNDS, () => now);
  const quiet = () => queue.afterQuiet(1000, [newResult('OK', { state: 0 })]);
  assert.equal(quiet(), false, 'there was no alert yet');
  now = 5000;
  queue.store(batch({ results: [newResult('alert')], alerts: 1 }));
  assert.equal(quiet(), false);
  now = 6000;
  assert.equal(quiet(), true);
  assert.equal(quiet(), false);
  queue.store(batch({ alerts: 1 }));
  now = 7000;
  assert.equal(quiet(), true);
  assert.deepEqual(outputs(queue), ['alert', 'OK', 'OK']);
});

test('a result that is too old goes when the next one comes', (t) => {
  let now = 0;
  const queue = queueIn(t, ':memory:', BOUNDS, () => now);
  queue.put([newResult('old')]);
  now = 8 * DAY;
  assert.deepEqual(queue.put([newResult('new')]), { results: 1, denials: 1 });
  assert.deepEqual(outputs(queue), ['new']);
});

test('a clock that is set makes nothing older that waits', (t) => {
  let now = 0;
  let uptime = 0;
  const queue = queueIn(
    t,
    ':memory:',
    BOUNDS,
    () => now,
    () => uptime,
  );
  const pass = (time: number) => {
    now += time;
    uptime += time;
  };
  const put = (output: string) => queue.put([newResult(output)]).results;
  put('of 1970');
  now += 20_000 * DAY;
  assert.equal(put('after the clock was set'), 0);
  now -= 365 * DAY;
  assert.equal(put('set back'), 0);
  now += 365 * DAY;
  assert.equal(put('and right again'), 0);
  pass(6 * DAY);
  assert.equal(put('six days later'), 0);
  pass(2 * DAY);
  assert.equal(put('eight days later'), 4);
  assert.deepEqual(outputs(queue), ['six days later', 'eight days later']);
});

test('the file keeps within its size, and shrinks when results were delivered', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const limit = 4 << 20;
  const queue = queueIn(t, path, { ...BOUNDS, results: 1e6, size: limit });
  const many = Array.from({ length: 2000 }, (_, i) => newResult(`${i} ${'x'.repeat(1000)}`));
  let dropped = 0;
  for (let i = 0; i < 5; i++) dropped += queue.put(many).results;
  const left = queue.outbox('monitor:5667').waiting(0, 1e6);
  assert.equal(dropped + left.length, 10_000);
  assert.ok(dropped > 5000 && left.length > 1500, `${dropped} dropped`);
  assert.match(left.at(-1)!.output, /^1999 /);
  for (let i = 0; i < left.length; i += 100) {
    queue.outbox('monitor:5667').delivered(left.slice(i, i + 100).map(({ id }) => id));
  }
  queue.close();
  const db = new DatabaseSync(path);
  const pages = Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
  db.close();
  assert.ok(pages * 4096 < limit / 2, `${pages} pages are left of an empty queue`);
});

test('what another process puts in is noticed, what we put in ourselves is not', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const ours = queueIn(t, path);
  const theirs = queueIn(t, path);
  const changed = ours.changedByOthers();
  ours.put([newResult('ours')]);
  assert.equal(changed(), false);
  theirs.inbox.leave({ client: '192.0.2.1' });
  assert.equal(changed(), true);
  assert.equal(changed(), false);
  assert.deepEqual(ours.inbox.left(10), [{ id: 1, denial: { client: '192.0.2.1' } }]);
  ours.store(batch({ inbox: [1] }));
  assert.deepEqual(ours.inbox.left(10), []);
});

test("a monitor's backoff outlives the process", (t) => {
  const path = join(tempDir(t), 'queue.db');
  const backoff = { failures: 3, next: 5000, kind: 'down', message: 'nobody listens' };
  const queue = queueIn(t, path);
  queue.outbox('monitor:5667').saveBackoff(backoff);
  queue.close();
  assert.deepEqual({ ...queueIn(t, path).outbox('monitor:5667').backoff() }, backoff);
});

test("a monitor's results go with its new name", (t) => {
  const queue = queueIn(t);
  queue.put([newResult('a')]);
  queue.renameMonitor('monitor:5667', 'other:5667');
  assert.deepEqual(outputs(queue), []);
  assert.equal(queue.outbox('other:5667').waiting(0, 1)[0]?.output, 'a');
});

test('a file of a newer version is refused and left as it is', (t) => {
  const path = join(tempDir(t), 'queue.db');
  queueIn(t, path).close();
  const db = new DatabaseSync(path);
  db.exec('PRAGMA user_version = 99');
  db.close();
  assert.throws(
    () => queueIn(t, path),
    /queue\.db is of a newer denywatch \(version 99\): update denywatch/,
  );
});

test('a file that is no database is refused with its name', (t) => {
  const path = join(tempDir(t), 'missing', 'queue.db');
  assert.throws(() => queueIn(t, path), /cannot open the queue .*queue\.db \(queue\.path\)/);
});
