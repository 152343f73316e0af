import assert from 'node:assert/strict';
import test from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from '../support/fast-check.ts';
import type { Group } from '../../src/queue/history-reader.ts';
import { csvText } from '../../src/report/csv.ts';
import type { Figures } from '../../src/report/figures.ts';
import { html } from '../../src/report/markup.ts';
import { htmlReport } from '../../src/report/page.ts';
import { terminalReport, type Screen } from '../../src/report/terminal.ts';
import { rendered } from '../../src/text/terminal.ts';
import { visible } from '../../src/text/unseen.ts';
import { inZone } from './zone.ts';

const HOUR = 3_600_000;
const BEGIN = Date.UTC(2026, 10, 22);

const group = (name: string, denials: number): Group => {
  return { name, denials, clients: 1, daemons: 2, hosts: 3, first: BEGIN, last: BEGIN + 3 * HOUR };
};

function figures(more: Partial<Figures> = {}): Figures {
  const hours = Array.from({ length: 24 }, (_, i) => (i === 21 ? 1200 : i % 5));
  return {
    period: { since: BEGIN, until: BEGIN + 24 * HOUR, host: null },
    zone: 'UTC',
    begin: BEGIN - HOUR,
    all: { denials: 1248, clients: 25, daemons: 1, hosts: 1, others: 3 },
    course: { unit: 'hour', parts: hours.map((denials, i) => ({ at: BEGIN + i * HOUR, denials })) },
    hours,
    weekdays: [0, 0, 0, 0, 0, 0, 1248],
    clients: Array.from({ length: 20 }, (_, i) => group(`192.0.2.${i}`, 1000 - i)),
    networks: [group('192.0.2.0/24', 1245)],
    networkCount: 1,
    daemons: [group('sshd', 1248)],
    hosts: [group('gw', 1248)],
    pairs: { hosts: [], clients: [], denials: [] },
    unseen: { connections: 0, messages: 0 },
    events: {
      scans: 1,
      sweeps: 0,
      storms: 0,
      newest: [
        {
          at: BEGIN + HOUR,
          kind: 'scan',
          host: null,
          text: `Port scan ${'x'.repeat(150)}`,
          denials: 3,
        },
      ],
    },
    ...more,
  };
}

/** The same of several hosts. */
const OF_HOSTS = figures({
  all: { denials: 1248, clients: 25, daemons: 1, hosts: 2, others: 3 },
  hosts: [group('web1', 1200), group('web2', 48)],
  pairs: {
    hosts: ['web1', 'web2'],
    clients: ['192.0.2.1', '2001:db8:1:2:3:4:5:6', '192.0.2.3', 'a'.repeat(60)],
    denials: [
      [1000, 3, 0, 1],
      [0, 20, 1, 1],
    ],
  },
});

const EMPTY = figures({
  begin: null,
  all: { denials: 0, clients: 0, daemons: 0, hosts: 0, others: 0 },
});

/** Reads one field's text as RFC 4180 has it. */
function readCsv(text: string): string[][] {
  const records = text.matchAll(
    /(?:(?:"(?:[^"]|"")*"|[^",\r\n]*),)*(?:"(?:[^"]|"")*"|[^",\r\n]*)\r\n/gy,
  );
  return [...records].map(([record]) =>
    [...record.slice(0, -2).matchAll(/(?:^|,)("(?:[^"]|"")*"|[^",]*)/g)].map(([, field = '']) =>
      field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
    ),
  );
}

const screen = (width: number) => ({ width, blocks: false });
/** The lines of a report, without colours. */
const linesOf = (all: Figures, look: Screen) =>
  terminalReport(all, look).map((line) => stripVTControlCharacters(rendered(line)));
const made = { at: BEGIN, on: 'gw' };

test('no line is wider than the terminal, whatever its width', () => {
  for (const width of [40, 60, 80, 120]) {
    for (const [blocks, all] of [true, false].flatMap((one) => [
      [one, figures()] as const,
      [one, OF_HOSTS] as const,
    ])) {
      const lines = linesOf(all, { ...screen(width), blocks });
      const widest = Math.max(...lines.slice(3).map((line) => line.length));
      assert.ok(widest <= width, `${widest} in ${width}`);
      assert.ok(widest >= Math.min(width, 100) - 1);
    }
  }
});

test('a bar is as long as its share, and none has no bar', (t) => {
  inZone(t, 'UTC');
  const lines = linesOf(figures(), screen(80));
  const bars = lines.filter((line) => /^\d\d:00/.test(line)).map((line) => line.split('  ').at(-1));
  assert.equal(bars.length, 24);
  assert.match(bars[21]!, /^#{60,}$/);
  assert.equal(bars[1], '#');
  assert.equal(bars[0]?.trim(), '0');
});

test('the rest of a list is counted', () => {
  const text = linesOf(figures(), screen(80)).join('\n');
  assert.match(text, /^Clients \(at least 25\)$/m);
  assert.match(text, /^and at least 15 others$/m);
  assert.match(
    text,
    /^Of these, 3 are from infrequent clients that are not listed individually\.$/m,
  );
});

test('the page says where a count is the least that there were', () => {
  const page = htmlReport(figures(), made);
  assert.match(page, /<dt class="key">Clients, at least<\/dt>/);
  assert.match(page, /of at least 25/);
});

test('of several hosts it is shown which clients each refused, and on how many each client was', () => {
  const text = linesOf(OF_HOSTS, screen(80)).join('\n');
  assert.match(text, /^192\.0\.2\.0 .* on 3 hosts /m);
  assert.match(text, /^Clients on hosts\n +192\.0\.2\.1  2001:db8:1:2:3:4:5:6  192\.0\.2\.3\n/m);
  assert.match(text, /^web1 +1,000 +3 +-$/m);
  assert.match(text, /^web2 .*\na wider screen shows more clients$/m);
  const page = htmlReport(OF_HOSTS, made);
  assert.match(page, /<h2>Clients on hosts<\/h2>/);
  assert.match(page, /<dt class="key">Sweeps<\/dt>/);
  assert.doesNotMatch(htmlReport(figures(), made), /Clients on hosts|Sweeps/);
});

test('without a denial each form says so and nothing more', () => {
  const text = linesOf(EMPTY, screen(80)).join('\n');
  assert.match(text, /^No connection was refused\n.*\nThe history is empty.*$/);
  assert.match(htmlReport(EMPTY, made), /<h1>No connection was refused<\/h1>/);
  assert.doesNotMatch(htmlReport(EMPTY, made), /<svg/);
});

test('a history that begins within the period is said to', (t) => {
  inZone(t, 'UTC');
  const text = linesOf(figures({ begin: BEGIN + HOUR }), screen(80)).join('\n');
  assert.match(text, /^The history begins at 22 Nov 2026, 01:00\.$/m);
});

test('nothing that is put into markup is more than text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
      const { markup } = html`<p title="${text}">${text}</p>`;
      const inside = /^<p title="([^"<>']*)">([^"<>']*)<\/p>$/s.exec(markup);
      assert.notEqual(inside, null);
      const read = inside![2]!
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&amp;', '&');
      assert.equal(read, visible(text));
    }),
  );
});

test('the page allows its own style and nothing else', () => {
  const page = htmlReport(figures(), made);
  assert.match(page, /default-src &#39;none&#39;; style-src &#39;sha256-[\w+/=]+&#39;;/);
  assert.doesNotMatch(page, /<script|javascript:|\son\w+=|\sstyle=|https?:|url\(|@import/);
});

test('CSV is read back as it was, but for formulas, which are made text', () => {
  const name = fc.oneof(
    fc.string(),
    fc.constantFrom('=1+1', '@SUM(A1)', '-1', '+1', 'a,b', 'a"b', '""', ''),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, name, name, fc.nat())), (all) => {
      const rows = all.map(([host, daemon, client, denials]) => {
        return { hour: BEGIN, host, daemon, client, denials };
      });
      const [head, ...read] = readCsv([...csvText(rows)].join(''));
      assert.deepEqual(head, ['hour', 'host', 'daemon', 'client', 'denials']);
      const expected = all.map((fields) =>
        fields.map((field) => (/^[=+@-]/.test(String(field)) ? `'${field}` : String(field))),
      );
      assert.deepEqual(
        read.map(([, ...fields]) => fields),
        expected,
      );
      for (const [hour] of read) assert.equal(hour, '2026-11-22T00:00:00Z');
    }),
  );
});

test('CSV has no character that a terminal would obey', () => {
  const row = { hour: BEGIN, host: '\u001B[2J', daemon: 'a\r\nb', client: '\t=1', denials: 1 };
  const lines = [...csvText([row])].join('').split('\r\n');
  assert.equal(lines[1], '2026-11-22T00:00:00Z,?[2J,a??b,?=1,1');
});
