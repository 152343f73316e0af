import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { openFile } from '../../src/queue/file.ts';
import { HistoryReader } from '../../src/queue/history-reader.ts';
import { groupKey, History, HOUR, type HistoryEvent } from '../../src/queue/history.ts';
import { Statements } from '../../src/queue/statements.ts';
import { readFigures } from '../../src/report/figures.ts';
import { hourOf } from '../../src/queue/history.ts';
import { readTime } from '../../src/report/period.ts';
import { inZone } from './zone.ts';

const DAY = 24 * HOUR;
/** A Sunday, 22:15 in Berlin. */
const NOW = Date.UTC(2026, 10, 22, 21, 15);

type Refusal = readonly [
  at: number,
  client: string,
  count?: number,
  daemon?: string,
  host?: string,
];

function given(t: TestContext, refusals: readonly Refusal[], events: HistoryEvent[] = []) {
  inZone(t, 'Europe/Berlin');
  const sql = new Statements(() => openFile(':memory:'));
  t.after(() => sql.close());
  const history = new History(sql, { keep: Infinity, clients: 500 });
  for (const [at, client, count = 1, daemon = 'sshd', host = 'gw'] of refusals) {
    const groups = new Map([[groupKey(at, host, daemon), new Map([[client, count]])]]);
    history.add({ minutes: new Map(), groups, events: [], unseen: [], brought: new Map() }, NOW);
  }
  history.add(
    { minutes: new Map(), groups: new Map(), events, unseen: [], brought: new Map() },
    NOW,
  );
  const reader = new HistoryReader(sql);
  return (since: number, until = NOW, host: string | null = null) =>
    readFigures(reader, { since, until, host });
}

const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
const names = (groups: readonly { name: string; denials: number }[]) =>
  groups.map(({ name, denials }) => `${name} ${denials}`);

test('hours and weekdays are those of the local time', (t) => {
  const figures = given(t, [
    [NOW, '192.0.2.1', 2],
    [NOW + 2 * HOUR, '192.0.2.1', 3],
  ])(NOW - DAY, NOW + DAY);
  assert.equal(figures.zone, 'Europe/Berlin');
  assert.deepEqual([figures.hours[22], figures.hours[0]], [2, 3]);
  assert.deepEqual(figures.weekdays, [3, 0, 0, 0, 0, 0, 2]);
});

test('all counts of a period add up to the same', (t) => {
  const refusals = Array.from({ length: 300 }, (_, i): Refusal => {
    return [NOW - i * 7 * HOUR, `192.0.${i % 9}.${i % 5}`, 1 + (i % 4), i % 2 ? 'sshd' : 'vsftpd'];
  });
  const figuresOf = given(t, refusals);
  for (const days of [1, 7, 30, 60, 400]) {
    const since = hourOf(NOW - days * DAY);
    const figures = figuresOf(since);
    const expected = sum(refusals.map(([at, , count = 1]) => (hourOf(at) >= since ? count : 0)));
    assert.equal(figures.all.denials, expected);
    assert.equal(sum(figures.hours), expected);
    assert.equal(sum(figures.weekdays), expected);
    assert.equal(sum(figures.course.parts.map(({ denials }) => denials)), expected);
    assert.equal(sum(figures.daemons.map(({ denials }) => denials)), expected);
    assert.equal(sum(figures.networks.map(({ denials }) => denials)), expected);
    assert.ok(figures.course.parts.length <= 121, `${figures.course.parts.length} parts`);
  }
});

test('the course has a part for each day, also the one with 25 hours', (t) => {
  const change = Date.UTC(2026, 9, 25, 12);
  const { course } = given(t, [[change, '192.0.2.1']])(change - 3 * DAY, change + 4 * DAY);
  assert.equal(course.unit, 'day');
  assert.deepEqual(
    course.parts.map(({ at }) => new Date(at).getHours()),
    course.parts.map(() => 0),
  );
  assert.deepEqual(
    course.parts.map(({ at }) => new Date(at).getDate()),
    [22, 23, 24, 25, 26, 27, 28, 29],
  );
  assert.equal(course.parts[3]?.denials, 1);
});

test('a long period is shown by weeks that begin on Monday, from the first denial on', (t) => {
  const { course } = given(t, [[NOW - 200 * DAY, '192.0.2.1', 5]])(NOW - 3000 * DAY);
  assert.equal(course.unit, 'week');
  assert.equal(new Date(course.parts[0]!.at).getDay(), 1);
  assert.equal(course.parts[0]?.denials, 5);
  assert.equal(course.parts.length, 29);
});

test('clients are in the network of their address, and names in none', (t) => {
  const figures = given(t, [
    [NOW, '192.0.2.1', 4],
    [NOW, '192.0.2.200', 3],
    [NOW, '2001:db8:1:2::3', 2],
    [NOW, '2001:db8:1:9::4', 2],
    [NOW, 'evil.example.org', 9],
    [NOW, 'a:b', 1],
  ])(NOW - DAY);
  assert.deepEqual(names(figures.networks), ['192.0.2.0/24 7', '2001:db8:1::/48 4']);
  assert.equal(figures.networkCount, 2);
  assert.equal(figures.clients[0]?.name, 'evil.example.org');
});

test('of several hosts it is counted which clients each refused, of one host not', (t) => {
  const figuresOf = given(t, [
    [NOW, '192.0.2.1', 4, 'sshd', 'gw'],
    [NOW, '192.0.2.1', 2, 'vsftpd', 'gw'],
    [NOW - HOUR, '192.0.2.1', 1, 'sshd', 'web'],
    [NOW, '192.0.2.2', 3, 'sshd', 'web'],
  ]);
  const { pairs, clients } = figuresOf(NOW - DAY);
  assert.deepEqual(pairs, {
    hosts: ['gw', 'web'],
    clients: ['192.0.2.1', '192.0.2.2'],
    denials: [
      [6, 0],
      [1, 3],
    ],
  });
  assert.deepEqual(
    clients.map(({ hosts }) => hosts),
    [2, 1],
  );
  assert.deepEqual(figuresOf(NOW - DAY, NOW, 'web').pairs.hosts, []);
});

test('a report on one host counts what it logged, and its scans', (t) => {
  const event = (host: string | null): HistoryEvent => {
    return { at: NOW - 1, kind: 'scan', host, text: `scan on ${host}`, denials: 1 };
  };
  const figuresOf = given(
    t,
    [
      [NOW, '192.0.2.1', 4, 'sshd', 'gw'],
      [NOW, '192.0.2.1', 1, 'sshd', 'web'],
    ],
    [event('gw'), event('web'), event(null)],
  );
  const web = figuresOf(NOW - DAY, NOW, 'web');
  assert.equal(web.all.denials, 1);
  assert.deepEqual(
    web.events.newest.map(({ text }) => text),
    ['scan on web'],
  );
  assert.equal(figuresOf(NOW - DAY).events.scans, 3);
  assert.equal(figuresOf(NOW - DAY).all.denials, 5);
});

test('an hour counts whole if it begins in the period or the period begins in it', (t) => {
  const figuresOf = given(t, [
    [NOW - HOUR, 'before'],
    [NOW, 'in'],
    [NOW + HOUR, 'after'],
  ]);
  assert.deepEqual(names(figuresOf(NOW, NOW + 1).clients), ['in 1']);
});

test('a time is a span before now, a day, or a time of this zone', (t) => {
  inZone(t, 'Europe/Berlin');
  assert.equal(readTime('7d', NOW), NOW - 7 * DAY);
  assert.equal(readTime('0', NOW), NOW);
  assert.equal(readTime('2026-11-22', NOW), Date.UTC(2026, 10, 21, 23));
  assert.equal(readTime('2026-11-22T21:15', NOW), Date.UTC(2026, 10, 22, 20, 15));
  assert.equal(readTime('2026-11-22 21:15:00Z', NOW), NOW);
  for (const text of [
    'yesterday',
    '2026-11',
    '7 apples',
    '',
    '2026-99-99',
    '2026-11-22T99:00',
    '2026-02-31',
  ])
    assert.equal(readTime(text, NOW), null, text);
});
