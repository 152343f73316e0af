import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type TestContext } from 'node:test';
import fc from '../support/fast-check.ts';
import { openFile } from '../../src/queue/file.ts';
import { migrate } from '../../src/queue/schema.ts';
import { History, groupKey, HOUR, type HistoryEvent } from '../../src/queue/history.ts';
import { HistoryReader } from '../../src/queue/history-reader.ts';
import { Queue, type Batch } from '../../src/queue/queue.ts';
import { Statements } from '../../src/queue/statements.ts';
import { tempDir } from '../support/temp.ts';

const DAY = 24 * HOUR;
const EVER = { since: 0, until: Infinity, host: null };
const NOW = Date.UTC(2026, 10, 22, 21, 15);

interface Row {
  readonly hour: number;
  readonly host: string;
  readonly daemon: string;
  readonly client: string;
  readonly denials: number;
}

function givenHistory(t: TestContext | null, bounds: { keep?: number; clients?: number }) {
  const sql = new Statements(() => openFile(':memory:'));
  t?.after(() => sql.close());
  const make = () => new History(sql, { keep: DAY * 90, clients: 500, ...bounds });
  const rows = () => sql.all<Row>('SELECT * FROM history').map((row) => ({ ...row }));
  return { sql, history: make(), make, rows, reader: new HistoryReader(sql) };
}

/** Denials at `at`, by client or by host, daemon and client. */
function refused(at: number, counts: Readonly<Record<string, number>>) {
  const groups = new Map<string, Map<string, number>>();
  for (const [name, count] of Object.entries(counts)) {
    const [client = '', daemon = 'sshd', host = 'gw'] = name.split(' ').toReversed();
    const group = groupKey(at, host, daemon);
    groups.set(group, (groups.get(group) ?? new Map<string, number>()).set(client, count));
  }
  return {
    minutes: new Map<number, number>(),
    groups,
    events: [] as HistoryEvent[],
    unseen: [],
    brought: new Map(),
  };
}

const batch = (denials: number, clients: Record<string, number>): Batch => ({
  positions: [],
  folds: [],
  results: [],
  denials,
  happened: refused(NOW, clients),
  alerts: 0,
  ignored: 0,
  reported: 0,
  inbox: [],
});

const plain = <T extends object>(rows: readonly T[]) => rows.map((row) => ({ ...row }));

test('denials are counted by hour, host, daemon and client', (t) => {
  const { history, rows, reader } = givenHistory(t, {});
  history.add(refused(NOW, { '192.0.2.1': 2, 'web vsftpd 192.0.2.1': 1 }), NOW);
  history.add(refused(NOW + 1, { '192.0.2.1': 3 }), NOW);
  history.add(refused(NOW + HOUR, { '192.0.2.1': 1 }), NOW + HOUR);
  const hour = NOW - (NOW % HOUR);
  assert.deepEqual(rows(), [
    { hour, host: 'gw', daemon: 'sshd', client: '192.0.2.1', denials: 5 },
    { hour, host: 'web', daemon: 'vsftpd', client: '192.0.2.1', denials: 1 },
    { hour: hour + HOUR, host: 'gw', daemon: 'sshd', client: '192.0.2.1', denials: 1 },
  ]);
  assert.deepEqual(plain(reader.perHour({ since: hour, until: hour + HOUR, host: null })), [
    { at: hour, denials: 6 },
  ]);
});

test('whatever is counted together, the sums are exact and the rows within the bound', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
  const one = fc.record({
    hour: fc.nat({ max: 11 }),
    host: fc.constantFrom('gw', 'web', 'db', 'mx'),
    daemon: fc.constantFrom('sshd', 'vsftpd', 'tftpd'),
    client: fc.tuple(name, name).map((letters) => letters.join('')),
    denials: fc.integer({ min: 1, max: 9 }),
    restart: fc.integer({ min: 0, max: 15 }),
  });
  const many = fc.array(one, { maxLength: 200, size: 'max' });
  fc.assert(
    fc.property(many, fc.integer({ min: 1, max: 20 }), (all, clients) => {
      const { sql, make, rows, ...given } = givenHistory(null, { clients });
      let { history } = given;
      const sums = new Map<number, number>();
      for (const { hour, host, daemon, client, denials, restart } of all) {
        const at = NOW - (NOW % HOUR) - hour * HOUR;
        history.add(refused(at, { [`${host} ${daemon} ${client}`]: denials }), NOW);
        sums.set(at, (sums.get(at) ?? 0) + denials);
        if (restart === 0) history = make();
        if (restart === 1) history.shrink();
      }
      const kept = rows();
      for (const [at, denials] of sums) {
        const here = kept.filter((row) => row.hour === at);
        assert.equal(
          here.reduce((sum, row) => sum + row.denials, 0),
          denials,
        );
        assert.ok(here.filter(({ client }) => client !== '').length <= clients);
        assert.ok(here.filter(({ client }) => client === '').length <= clients + 1);
      }
      assert.equal(kept.filter(({ hour }) => !sums.has(hour)).length, 0);
      sql.close();
    }),
    { numRuns: 30 },
  );
});

test('others keep their daemon, so that the sum of each daemon is exact too', (t) => {
  const { history, rows } = givenHistory(t, { clients: 10 });
  for (let i = 0; i < 500; i++) {
    const daemon = i % 5 === 0 ? 'vsftpd' : 'sshd';
    history.add(refused(NOW, { [`gw ${daemon} client${i}`]: 1 }), NOW);
  }
  const of = (name: string) => rows().filter(({ daemon }) => daemon === name);
  assert.equal(
    of('sshd').reduce((sum, { denials }) => sum + denials, 0),
    400,
  );
  assert.equal(
    of('vsftpd').reduce((sum, { denials }) => sum + denials, 0),
    100,
  );
  assert.ok(rows().length <= 12);
});

test('who comes often is listed apart from a crowd, also if the crowd was there first', (t) => {
  const { history, rows } = givenHistory(t, { clients: 100 });
  for (let i = 0; i < 5000; i++) {
    history.add(refused(NOW, { [`crowd${i}`]: 1 }), NOW);
    if (i >= 1000 && i % 2 === 0) history.add(refused(NOW, { persistent: 1 }), NOW);
  }
  const row = rows().find(({ client }) => client === 'persistent');
  assert.ok((row?.denials ?? 0) > 1900, `${row?.denials} of 2000`);
});

test('what was written in a transaction that failed is not taken for known', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const queue = new Queue(path, {
    bounds: { results: 100, size: 1e9, keep: DAY },
    history: { keep: 90 * DAY, clients: 10 },
    now: () => NOW,
  });
  t.after(() => queue.close());
  const crowd = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`client${i}`, 1]));
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  // Written after the history.
  other.exec("CREATE TRIGGER full BEFORE INSERT ON total BEGIN SELECT RAISE(ABORT, 'full'); END");
  assert.throws(() => queue.store(batch(10, crowd)), /full/);
  other.exec('DROP TRIGGER full');
  // With the ten of before, it would be one too many and have no row.
  queue.store(batch(1, { other: 1 }));
  assert.deepEqual(
    queue.history.most('client', EVER, 99).map(({ name }) => name),
    ['other'],
  );
});

test('hours, scans and storms go when they are too old, minutes after a day', (t) => {
  const { sql, history, rows, reader } = givenHistory(t, { keep: 2 * DAY });
  const add = (at: number) => {
    const event = { at, kind: 'scan' as const, host: null, text: 'Port scan', denials: 3 };
    const minutes = new Map([[at, 1]]);
    history.add({ ...refused(at, { '192.0.2.1': 1 }), minutes, events: [event] }, at);
  };
  add(NOW);
  add(NOW + 1.5 * DAY);
  assert.equal(reader.perMinute(0, Infinity).length, 1);
  add(NOW + 3 * DAY);
  assert.equal(rows().length, 2);
  assert.equal(sql.number('SELECT count(*) FROM event'), 2);
  history.add(refused(NOW, { '192.0.2.1': 1 }), NOW + 3 * DAY);
  assert.equal(rows().length, 2);
});

test('of scans and storms the newest ten thousand are kept', (t) => {
  const { sql, history } = givenHistory(t, {});
  const events = Array.from({ length: 12_000 }, (_, i): HistoryEvent => {
    return { at: NOW + i, kind: 'storm', host: null, text: 'Denied', denials: 1 };
  });
  history.add({ ...refused(NOW, {}), events }, NOW);
  assert.equal(sql.number('SELECT count(*) FROM event'), 10_000);
  assert.equal(sql.number('SELECT min(at) FROM event'), NOW + 2000);
});

test('a file that is full loses names of the history before it loses a result, and no count', (t) => {
  const size = 1 << 20;
  const queue = new Queue(join(tempDir(t), 'queue.db'), {
    bounds: { results: 100_000, size, keep: DAY },
    history: { keep: 900 * DAY, clients: 1000 },
    now: () => NOW,
  });
  t.after(() => queue.close());
  const result = {
    monitor: 'm',
    at: NOW,
    host: 'gw',
    service: 's',
    state: 2 as const,
    output: 'Denied',
    denials: 1,
    value: 0,
  };
  let dropped = 0;
  for (let day = 30; day > 0; day--) {
    const at = NOW - day * DAY;
    const crowd = Array.from({ length: 1000 }, (_, i) => [`client${i}.day${day}.example.org`, 1]);
    const happened = refused(at, Object.fromEntries(crowd));
    dropped += queue.store({ ...batch(1000, {}), results: [result], happened }).results;
  }
  assert.equal(dropped, 0);
  assert.equal(queue.outbox('m').waiting(0, 100).length, 30);
  const hours = queue.history.perHour(EVER);
  assert.deepEqual(new Set(hours.map(({ denials }) => denials)), new Set([1000]));
  assert.equal(hours.length, 30);
});

test('a file of version 1 keeps its counts by hour', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const old = new DatabaseSync(path);
  migrate(old, 1);
  old.exec(`INSERT INTO hour VALUES (0, 7), (${HOUR}, 9)`);
  old.close();
  const queue = new Queue(path, { bounds: { results: 1, size: 1e9, keep: DAY } });
  t.after(() => queue.close());
  assert.deepEqual(plain(queue.history.perHour(EVER)), [
    { at: 0, denials: 7 },
    { at: HOUR, denials: 9 },
  ]);
});
