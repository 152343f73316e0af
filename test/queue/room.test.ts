import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type TestContext } from 'node:test';
import { pino } from 'pino';
import { DropWatch } from '../../src/queue/drops.ts';
import { groupKey, HOUR } from '../../src/queue/history.ts';
import { Queue, type Batch } from '../../src/queue/queue.ts';
import type { NewResult } from '../../src/queue/result.ts';
import { tempDir } from '../support/temp.ts';
import { randomFrom } from '../support/random.ts';

const SIZE = 4 << 20;
const NONE = { minutes: new Map(), groups: new Map(), events: [], unseen: [], brought: new Map() };

function queueIn(t: TestContext, path: string, results = 100_000): Queue {
  const queue = new Queue(path, { bounds: { results, size: SIZE, keep: 1e12 } });
  t.after(() => queue.close());
  return queue;
}

function resultFor(monitor: string, output = 'fine', value = 2): NewResult {
  const rest = { host: 'gw', service: 's', state: 0, denials: 0 } as const;
  return { monitor, at: 0, output, value, ...rest };
}

function batch(more: Partial<Batch>): Batch {
  const rest = {
    positions: [],
    folds: [],
    results: [],
    denials: 0,
    alerts: 0,
    ignored: 0,
    reported: 0,
    inbox: [],
  };
  return { ...rest, happened: NONE, ...more };
}

const waitingFor = (queue: Queue, monitor: string) => queue.outbox(monitor).waiting(0, 1e6).length;

/** What each kind is overfilled with, and the total that counts what was dropped. */
const FLOODS: Record<string, { fill: (queue: Queue, i: number) => void; total: string | null }> = {
  'windows of the fold': {
    fill: (queue, i) => queue.store(batch({ folds: [[`key ${i}`, 'x'.repeat(20_000)]] })),
    total: 'droppedWindows',
  },
  'denials of the verb denied': {
    fill: (queue, i) => queue.inbox.leave({ client: `${i}`.padEnd(20_000, 'x') }),
    total: 'droppedInbox',
  },
  'reasons of a monitor that refuses': {
    fill: (queue, i) => {
      queue.put(Array.from({ length: 12 }, () => resultFor('hostile')));
      for (const { id } of queue.outbox('hostile').waiting(0, 12))
        queue.outbox('hostile').setAside(id, `${i}`.padEnd(16_384, 'é'));
    },
    total: 'droppedSetAside',
  },
  'clients in the history': {
    fill: (queue, i) => {
      const clients = new Map(
        Array.from({ length: 300 }, (_, n) => [`${i}-${n}`.padEnd(250, 'x'), 1]),
      );
      const groups = new Map([[groupKey(i * HOUR, 'gw', 'sshd'), clients]]);
      queue.store(batch({ denials: 300, happened: { ...NONE, groups } }));
    },
    total: null,
  },
};

for (const [what, { fill, total }] of Object.entries(FLOODS)) {
  test(`too many ${what} push out nothing else, and the file keeps its size`, (t) => {
    const path = join(tempDir(t), 'queue.db');
    const queue = queueIn(t, path);
    queue.put(Array.from({ length: 300 }, () => resultFor('down')));
    queue.put([resultFor('refused')]);
    queue.outbox('refused').setAside(301, 'once');
    queue.store(batch({ folds: [['window', '1']] }));
    for (let i = 0; i < 60; i++) fill(queue, i);
    assert.equal(waitingFor(queue, 'down'), 300);
    assert.ok([...queue.folds()].some(([key]) => key === 'window'));
    const { droppedResults = 0, ...totals } = queue.overview.totals();
    assert.equal(droppedResults, 0);
    if (total === null) assert.equal(totals['denials'], 60 * 300);
    else assert.ok((totals[total] ?? 0) > 0, JSON.stringify(totals));
    assert.ok(statSync(path).size + statSync(`${path}-wal`).size < SIZE);
    const refused = queue.overview.all().find(({ monitor }) => monitor === 'refused');
    assert.equal(refused?.refused, 'once');
  });
}

test('a monitor that is down takes no room from another', (t) => {
  const queue = queueIn(t, ':memory:', 500);
  queue.put(Array.from({ length: 100 }, () => resultFor('slow', 'old', 0)));
  for (let i = 0; i < 30; i++)
    queue.put(Array.from({ length: 50 }, () => resultFor('down', 'new', 0)));
  assert.equal(waitingFor(queue, 'slow'), 100);
  assert.equal(waitingFor(queue, 'down'), 400);
});

test("a monitor's reason and its last word are cut", (t) => {
  const queue = queueIn(t, ':memory:');
  queue.put([resultFor('m')]);
  const message = 'no '.repeat(10_000);
  queue.outbox('m').setAside(1, message);
  queue.outbox('m').saveBackoff({ failures: 1, next: 0, kind: 'down', message });
  assert.equal(queue.overview.all()[0]?.refused?.length, 255);
  assert.equal(queue.overview.monitors()[0]?.message?.length, 255);
});

test('beside a slow reader the write-ahead log is bounded, and shrinks when that ends', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const queue = queueIn(t, path);
  const log = () => statSync(`${path}-wal`).size;
  let stored = 0;
  const store = () => {
    queue.store(batch({ denials: 1, results: [resultFor('m', 'x'.repeat(8000))] }));
    queue.outbox('m').delivered(
      queue
        .outbox('m')
        .waiting(0, 1)
        .map(({ id }) => id),
    );
    stored++;
  };
  store();
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM result').get();
  assert.throws(() => {
    for (let i = 0; i < 2000; i++) store();
  }, /the write-ahead log .*-wal has \d+ bytes, and cannot shrink while a process keeps reading/);
  assert.ok(log() < 2 << 20, `${log()} bytes`);
  const before = stored;
  reader.exec('ROLLBACK');
  reader.close();
  for (let i = 0; i < 200; i++) store();
  assert.ok(log() < 1 << 20, `${log()} bytes`);
  assert.equal(queue.overview.totals()['denials'], before + 200);
});

test('what is counted of each kind is what is there, whatever happens', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const queue = queueIn(t, path, 200);
  const db = new DatabaseSync(path);
  t.after(() => db.close());
  const random = randomFrom(1);
  const monitors = ['a', 'b'];
  for (let i = 0; i < 600; i++) {
    const monitor = monitors[random(2)]!;
    const outbox = queue.outbox(monitor, { digestAfter: 0 });
    const ids = outbox.waiting(0, 1 + random(5)).map(({ id }) => id);
    const steps = [
      () =>
        queue.put(
          Array.from({ length: random(20) }, () => ({
            ...resultFor(monitor, 'x'.repeat(random(99)), random(3)),
            denials: 1,
          })),
        ),
      () => outbox.delivered(ids),
      () => outbox.failed(ids),
      () => ids.forEach((id) => outbox.setAside(id, 'x'.repeat(random(300)))),
      () => queue.retry(random(2) === 0 ? null : ids),
      () => queue.discard(ids),
      () => outbox.digest(),
      () => queue.renameMonitor('a', 'b'),
      () =>
        queue.store(
          batch({ folds: [[`${random(9)}`, random(3) === 0 ? null : 'x'.repeat(random(99))]] }),
        ),
      () => queue.inbox.leave('x'.repeat(random(99))),
      () => queue.store(batch({ inbox: queue.inbox.left(3).map(({ id }) => id) })),
    ];
    steps[random(steps.length)]!();
  }
  const counted = db.prepare('SELECT kind, sum(rows) AS rows FROM room GROUP BY kind').all();
  const there = (sql: string) => db.prepare(`SELECT count(*) AS n FROM ${sql}`).get()?.['n'];
  assert.deepEqual(Object.fromEntries(counted.map(({ kind, rows }) => [kind, rows])), {
    waiting: there('result WHERE refused IS NULL'),
    setAside: there('result WHERE refused IS NOT NULL'),
    fold: there('fold'),
    inbox: there('inbox'),
  });
  for (const monitor of monitors)
    queue.outbox(monitor).delivered(
      queue
        .outbox(monitor)
        .waiting(0, 1e6)
        .map(({ id }) => id),
    );
  queue.discard(null);
  queue.store(
    batch({
      folds: [...queue.folds()].map(([key]) => [key, null]),
      inbox: queue.inbox.left(1e6).map(({ id }) => id),
    }),
  );
  assert.deepEqual(
    db
      .prepare('SELECT DISTINCT rows, bytes FROM room')
      .all()
      .map((row) => ({ ...row })),
    [{ rows: 0, bytes: 0 }],
  );
});

test('what was dropped is logged, whoever had to', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const lines: string[] = [];
  const agent = queueIn(t, path, 100);
  const drops = new DropWatch(
    agent,
    pino({ level: 'warn' }, { write: (line) => void lines.push(line) }),
  );
  drops.look();
  assert.deepEqual(lines, []);
  queueIn(t, path, 100).put(Array.from({ length: 130 }, () => resultFor('m')));
  drops.look();
  drops.look();
  assert.equal(lines.length, 1);
  assert.match(
    lines[0]!,
    /"count":30,"msg":"the queue is full, and the least important results were dropped/,
  );
});
