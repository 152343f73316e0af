import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type TestContext } from 'node:test';
import { Queue } from '../../src/queue/queue.ts';
import type { NewResult } from '../../src/queue/result.ts';
import { tempDir } from '../support/temp.ts';

const HOUR = 3_600_000;
const MONITOR = 'monitor:5667';
const START = Date.UTC(2026, 10, 22, 20);

/** A queue whose clock a test sets. */
function queueAt(t: TestContext, path = ':memory:') {
  const clock = { now: START };
  const bounds = { results: 100_000, size: 1 << 30, keep: 7 * 24 * HOUR };
  const queue = new Queue(path, { bounds, now: () => clock.now, uptime: () => clock.now });
  t.after(() => queue.close());
  return { queue, clock };
}

const alert = (client: number, more: Partial<NewResult> = {}): NewResult => ({
  monitor: MONITOR,
  at: START + client * 1000,
  host: 'firestorm',
  service: 'TCP Wrappers',
  state: 2,
  output: `Denied sshd-192.0.2.${client}`,
  subject: `Denied sshd-192.0.2.${client}`,
  denials: 1,
  value: 0,
  ...more,
});
const alerts = (count: number, more: Partial<NewResult> = {}) =>
  Array.from({ length: count }, (_, i) => alert(i, more));

const waiting = (queue: Queue, monitor = MONITOR) => queue.outbox(monitor).waiting(-Infinity, 1e6);
const outputs = (queue: Queue) => waiting(queue).map(({ output }) => output);

test('what waited too long is one result with exact counts, in the place of the oldest', (t) => {
  const { queue, clock } = queueAt(t);
  queue.put([alert(0, { denials: 0, output: 'mine', value: 2 }), ...alerts(60)]);
  const storm = 'Denied 1532 connections from 48 clients to 3 daemons in 60s';
  queue.put([
    alert(99, { output: `${storm} (most: …)`, subject: storm, denials: 1532, value: 1 }),
    alert(7, { output: 'Denied sshd-192.0.2.7 (37 more in 60s)', denials: 37 }),
  ]);
  clock.now += 2 * HOUR;
  queue.put([alert(200)]);
  assert.equal(queue.outbox(MONITOR, { digestAfter: HOUR }).digest(), 62);
  assert.deepEqual(outputs(queue), [
    'mine',
    'Digest: denied 1629 connections between 2026-11-22T20:00:00Z and 2026-11-22T20:01:39Z, in 62 ' +
      `alerts that waited (most: ${storm} ×1532, Denied sshd-192.0.2.7 ×38)`,
    'Denied sshd-192.0.2.200',
  ]);
  assert.equal(waiting(queue)[1]?.at, clock.now);
  assert.deepEqual(queue.overview.totals(), { digested: 62 });
  assert.equal(queue.overview.waiting().results, 3);
});

test('the same subject adds up, whatever is in brackets in it', (t) => {
  const { queue, clock } = queueAt(t);
  const subject = 'Denied sshd (of web1) for 192.0.2.1';
  queue.put(
    [1, 2, 3].map((count) =>
      alert(1, { output: `${subject} (${count} more)`, subject, denials: count }),
    ),
  );
  queue.put(alerts(20, { output: 'Denied sshd (of web1) for 192.0.2.2', subject: 'other' }));
  clock.now += 2 * HOUR;
  queue.outbox(MONITOR, { digestAfter: HOUR }).digest();
  assert.match(
    outputs(queue).join(),
    /\(most: other ×20, Denied sshd \(of web1\) for 192.0.2.1 ×6\)/,
  );
});

test('a few alerts are reported one by one, however long they waited', (t) => {
  const { queue, clock } = queueAt(t);
  queue.put(alerts(10));
  clock.now += 24 * HOUR;
  assert.equal(queue.outbox(MONITOR, { digestAfter: HOUR }).digest(), 0);
  assert.equal(outputs(queue).length, 10);
});

test('each host and service has a digest of its own, in its worst state', (t) => {
  const { queue, clock } = queueAt(t);
  queue.put([
    ...alerts(20, { state: 1 }),
    ...alerts(20, { state: 3 }),
    ...alerts(20, { host: 'www', state: 0 }),
    ...alerts(20, { service: 'Known', state: 3 }),
    alert(1, { service: 'Known', state: 2 }),
  ]);
  clock.now += 2 * HOUR;
  assert.equal(queue.outbox(MONITOR, { digestAfter: HOUR }).digest(), 81);
  assert.deepEqual(
    waiting(queue).map(({ host, service, state }) => [host, service, state]),
    [
      ['firestorm', 'TCP Wrappers', 3],
      ['www', 'TCP Wrappers', 0],
      ['firestorm', 'Known', 2],
    ],
  );
});

test('a digest is for one monitor, leaves out what is set aside, and is in no other digest', (t) => {
  const { queue, clock } = queueAt(t);
  queue.put([...alerts(20), ...alerts(20, { monitor: 'other:5667' })]);
  queue.outbox(MONITOR).setAside(waiting(queue)[0]!.id, 'not authorised');
  clock.now += 2 * HOUR;
  assert.equal(queue.outbox(MONITOR, { digestAfter: HOUR }).digest(), 19);
  assert.equal(waiting(queue, 'other:5667').length, 20);
  assert.equal(queue.overview.monitors().find(({ name }) => name === MONITOR)?.setAside, 1);
  queue.put(alerts(20));
  clock.now += 2 * HOUR;
  assert.equal(queue.outbox(MONITOR, { digestAfter: HOUR }).digest(), 20);
  assert.equal(outputs(queue).length, 2);
});

test('a digest that cannot be stored leaves every result where it was', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const { queue, clock } = queueAt(t, path);
  queue.put(alerts(20));
  const before = outputs(queue);
  clock.now += 2 * HOUR;
  const other = new DatabaseSync(path);
  other.exec("CREATE TRIGGER full BEFORE INSERT ON total BEGIN SELECT RAISE(ABORT, 'full'); END");
  assert.throws(() => queue.outbox(MONITOR, { digestAfter: HOUR }).digest(), /full/);
  assert.deepEqual(outputs(queue), before);
  other.exec('DROP TRIGGER full');
  other.close();
  assert.equal(queue.outbox(MONITOR, { digestAfter: HOUR }).digest(), 20);
});

test('50,000 alerts of a day are one', (t) => {
  const { queue, clock } = queueAt(t);
  queue.put(alerts(50_000, { output: 'Denied sshd-192.0.2.1' }));
  clock.now += 24 * HOUR;
  assert.equal(queue.outbox(MONITOR, { digestAfter: HOUR }).digest(), 50_000);
  assert.match(outputs(queue).join(), /^Digest: denied 50000 connections between [^,]*, in 50000 /);
});

test('the newest alerts come first if so configured, results that are no alerts before them', (t) => {
  const { queue } = queueAt(t);
  const own = (output: string) => alert(0, { output, denials: 0, value: 2 });
  queue.put([alert(1), own('CRITICAL'), alert(2), own('OK'), alert(3)]);
  const newest = (after: number, limit: number) =>
    queue
      .outbox(MONITOR, { order: 'newest' })
      .waiting(after, limit)
      .map(({ output, place }) => ({ output, place }));
  const all = newest(-Infinity, 9);
  const names = ['CRITICAL', 'OK', ...[3, 2, 1].map((n) => `Denied sshd-192.0.2.${n}`)];
  assert.deepEqual(
    all.map(({ output }) => output),
    names,
  );
  assert.deepEqual(newest(all[2]!.place, 1), [all[3]]);
});
