import assert from 'node:assert/strict';
import test from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { page } from '../../../src/cli/status/page.ts';
import { rendered } from '../../../src/text/terminal.ts';
import { lastHour, type MonitorStatus, type Status } from '../../../src/cli/status/read.ts';

const NOW = Date.parse('2026-11-22T21:15:03Z');
const LOOK = { now: NOW, host: 'firestorm', width: 80, unicode: true };

const row = (name: string, more: Partial<MonitorStatus> = {}): MonitorStatus => ({
  protocol: 'NSCA, 3des',
  name,
  failures: 0,
  next: 0,
  kind: null,
  message: null,
  delivered: 1234,
  last: NOW - 12_000,
  waiting: 0,
  setAside: 0,
  oldest: null,
  ...more,
});

function status(more: Partial<Status> = {}): Status {
  return {
    running: true,
    agent: {
      pid: 4242,
      since: NOW - 3 * 3_600_000,
      handled: 0,
      denials: 0,
      alerts: 0,
      open: 3,
      suspicious: 0,
      daemons: [],
      streams: [
        { stream: '/var/log/auth.log', behind: 0, problem: null },
        { stream: '/var/log/syslog', behind: 2_200_000, problem: null },
      ],
      monitors: [],
    },
    queue: '/var/lib/denywatch/queue.db',
    monitors: [row('monitor:5667')],
    totals: { denials: 1532, alerts: 98, ignored: 12 },
    waiting: { results: 0, oldest: null },
    hours: [],
    minutes: [],
    found: [],
    ...more,
  };
}

const shown = (one: Status, look = LOOK) =>
  page(one, look).map((line) => stripVTControlCharacters(rendered(line)));

test('all is well: what runs, what is read, the monitors, and what was refused', () => {
  assert.deepEqual(shown(status()), [
    'denywatch on firestorm: all is well                         2026-11-22T21:15:03Z',
    '',
    'agent     pid 4242, running for 3 h, queue /var/lib/denywatch/queue.db',
    'sources   /var/log/syslog: 2.1 MiB behind',
    '          /var/log/auth.log: read to its end',
    'monitors  monitor:5667 (NSCA, 3des): 0 waiting; 1,234 delivered, last 12 s ago',
    'denials   1,532 counted (12 ignored by rules), 98 alerts, 3 not reported yet',
    '',
    'last hour nothing was refused',
  ]);
});

test('what needs attention comes first, and is shown in full', () => {
  const text = `source /var/log/x: ${'very '.repeat(20)}long`;
  const lines = shown(
    status({
      found: [
        { state: 2, text, brief: '' },
        { state: 1, text: '3 results were refused', brief: '' },
      ],
    }),
  );
  assert.match(lines[0]!, /^denywatch on firestorm: 2 problems/);
  assert.match(lines[2]!, /^PROBLEM   source \/var\/log\/x: very very/);
  assert.match(lines[3]!, /^          very .*long$/);
  assert.equal(lines[4], 'WARNING   3 results were refused');
});

test('the last hour has a column for each minute, the last one at the right', () => {
  const begins = lastHour(NOW);
  assert.equal(new Date(begins[59]!).toISOString(), '2026-11-22T21:15:00.000Z');
  const minutes = [
    { at: begins[0]!, denials: 1 },
    { at: begins[30]!, denials: 12 },
    { at: begins[59]!, denials: 3 },
  ];
  const lines = shown(status({ minutes }));
  const chart = lines.slice(lines.findIndex((line) => line.startsWith('last hour')));
  assert.deepEqual(chart, [
    'last hour 16 refused, most in a minute 12 (20:46Z)',
    `      12 │${' '.repeat(30)}█`,
    `         │${' '.repeat(30)}█`,
    `         │${' '.repeat(30)}█`,
    `         │▃${' '.repeat(29)}█${' '.repeat(28)}█`,
    `         └${'─'.repeat(60)}`,
    '          20:16          20:31          20:46          21:01     21:15',
  ]);
});

test('a narrow screen shows all texts in full, and the newest minutes', () => {
  const begins = lastHour(NOW);
  const minutes = [
    { at: begins[0]!, denials: 1 },
    { at: begins[58]!, denials: 2 },
  ];
  assert.deepEqual(shown(status({ minutes }), { ...LOOK, width: 40 }).slice(-12), [
    'denials   1,532 counted (12 ignored by',
    '            rules), 98 alerts, 3 not',
    '            reported yet',
    '',
    'last hour 3 refused, most in a minute',
    '            2 (21:14Z)',
    `       2 │${' '.repeat(28)}█`,
    `         │${' '.repeat(28)}█`,
    `         │${' '.repeat(28)}█`,
    `         │${' '.repeat(28)}█`,
    `         └${'─'.repeat(30)}`,
    '          20:46          21:01     21:15',
  ]);
});

test('in a locale without UTF-8 all is ASCII', () => {
  const minutes = [{ at: lastHour(NOW)[30]!, denials: 12 }];
  const hours = [{ at: NOW - (NOW % 3_600_000), denials: 12 }];
  const text = shown(status({ minutes, hours }), { ...LOOK, unicode: false }).join('\n');
  assert.match(text, /^[\n -~]*$/);
  assert.match(text, /last day  12 refused/);
});

test('no line is wider than the screen, and no name can act on it', () => {
  const hostile = `${'\u001b[2J\u202e|'.repeat(30)} ${'x'.repeat(200)}`;
  const one = status({
    found: [{ state: 2, text: hostile, brief: '' }],
    monitors: [row(hostile, { waiting: 9_999_999, oldest: 0, next: NOW + 1 })],
    queue: hostile,
    minutes: lastHour(NOW).map((at) => ({ at, denials: 1_000_000 })),
    hours: [{ at: NOW - (NOW % 3_600_000), denials: 9e9 }],
  });
  for (const width of [40, 60, 80, 120]) {
    for (const line of shown(one, { ...LOOK, width, host: hostile })) {
      assert.ok(line.length <= width, line);
      // eslint-disable-next-line no-control-regex
      assert.doesNotMatch(line, /[\u0000-\u001f\u202e]/);
    }
  }
});

test('a crowd of sources is cut, those in trouble are shown', () => {
  const streams = Array.from({ length: 100 }, (_, i) => ({
    stream: `/var/log/remote/${i}.log`,
    behind: 0,
    problem: i === 77 ? 'gone' : null,
  }));
  const lines = shown(status({ agent: { ...status().agent!, streams } }));
  assert.equal(lines[3], 'sources   /var/log/remote/77.log: cannot be read');
  assert.ok(lines.includes('          and 92 more'));
});

test('an agent that does not run', () => {
  const lines = shown(status({ running: false, agent: null }));
  assert.match(lines[0]!, /: not running /);
  assert.match(lines[2]!, /^agent     not running, queue /);
});
