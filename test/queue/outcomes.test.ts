import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { askQueue } from '../../src/queue/reader.ts';
import { Queue } from '../../src/queue/queue.ts';
import type { NewResult } from '../../src/queue/result.ts';
import { Statements } from '../../src/queue/statements.ts';
import { migrate } from '../../src/queue/schema.ts';
import { tempDir } from '../support/temp.ts';

const HOUR = 3_600_000;
const BOUNDS = { results: 100, size: 1 << 30, keep: 24 * HOUR };

const result = (more: Partial<NewResult> = {}): NewResult => ({
  monitor: 'm',
  at: 5 * HOUR + 1,
  host: 'firestorm',
  service: 'TCP Wrappers',
  state: 2,
  output: 'Denied sshd-192.0.2.1',
  denials: 2,
  value: 0,
  ...more,
});

/** `HOUR MONITOR WHAT RESULTS DENIALS` of each row, in alphabetical order. */
const outcomes = (path: string) =>
  askQueue(path, ({ proof }) =>
    proof
      .outcomes(0)
      .map(({ hour, monitor, what, results, denials }) =>
        [hour / HOUR, monitor, what, results, denials].join(' '),
      )
      .toSorted((a, b) => (a < b ? -1 : 1)),
  );

test('each result that reports denials is queued once, and has one outcome or waits', (t) => {
  const path = join(tempDir(t), 'queue.db');
  let now = 6 * HOUR;
  const bounds = { ...BOUNDS, results: 4 };
  const queue = new Queue(path, { bounds, now: () => now, uptime: () => now });
  t.after(() => queue.close());
  queue.put([result(), result(), result(), result(), result({ denials: 0, value: 1 })]);
  const outbox = queue.outbox('m');
  const [first, second] = outbox.waiting(0, 10).filter(({ output }) => output !== '');
  outbox.delivered([first!.id]);
  outbox.setAside(second!.id, 'no such service');
  assert.deepEqual(outcomes(path), [
    '5 m delivered 1 2',
    '5 m dropped 1 2',
    '5 m queued 4 8',
    '5 m setAside 1 2',
    '5 m waiting 1 2',
  ]);
  assert.equal(queue.discard(null), 1);
  queue.renameMonitor('m', 'n');
  now += 24 * HOUR + 1;
  queue.put([]);
  assert.deepEqual(outcomes(path), [
    '5 n delivered 1 2',
    '5 n dropped 2 4',
    '5 n queued 4 8',
    '5 n removed 1 2',
  ]);
});

test('outcomes of an hour are kept while results of it wait, however old they are', (t) => {
  const path = join(tempDir(t), 'queue.db');
  let now = 2000 * HOUR;
  const bounds = { ...BOUNDS, keep: 1000 * HOUR };
  const queue = new Queue(path, { bounds, now: () => now, uptime: () => now });
  t.after(() => queue.close());
  queue.put([result(), result({ at: 7 * HOUR })]);
  const outbox = queue.outbox('m');
  outbox.delivered([outbox.waiting(0, 1)[0]!.id]);
  now += HOUR;
  queue.put([]);
  assert.deepEqual(outcomes(path), ['7 m queued 1 2', '7 m waiting 1 2']);
});

test('a file of version 4 takes what waits as queued, and what it has counted as reported', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const old = new DatabaseSync(path);
  migrate(old, 4);
  old.exec(`INSERT INTO result (monitor, at, host, service, state, output, denials, value, queued)
      VALUES ('m', ${3 * HOUR}, 'h', 's', 2, 'o', 7, 0, ${3 * HOUR});
    INSERT INTO total VALUES ('denials', 20), ('ignored', 4)`);
  old.close();
  const queue = new Queue(path, { bounds: BOUNDS, now: () => 4 * HOUR, uptime: () => 0 });
  t.after(() => queue.close());
  queue.beginReported(5);
  queue.beginReported(0);
  assert.equal(queue.overview.totals()['reported'], 20 - 4 - 5);
  assert.deepEqual(outcomes(path), ['3 m queued 1 7', '3 m waiting 1 7']);
});

const busy = () => {
  throw new Error('database is locked');
};

test('what was delivered is recorded once, even if space cannot be returned or it is recorded again', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const queue = new Queue(path, { bounds: BOUNDS });
  t.after(() => queue.close());
  queue.put([result()]);
  const outbox = queue.outbox('m');
  const ids = outbox.waiting(0, 10).map(({ id }) => id);
  t.mock.method(Statements.prototype, 'giveBack', busy);
  outbox.delivered(ids);
  outbox.delivered(ids);
  assert.deepEqual(outcomes(path), ['5 m delivered 1 2', '5 m queued 1 2']);
  assert.equal(queue.overview.monitors()[0]?.delivered, 1);
});
