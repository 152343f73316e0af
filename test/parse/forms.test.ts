import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import type { Denial } from '../../src/parse/denial.ts';
import { readLine } from '../../src/parse/parser.ts';
import { datingBy } from '../../src/parse/time.ts';

const NOW = Date.UTC(2026, 10, 23);
const HEADER = 'Nov 22 21:56:43 gw ';

function read(line: string): Denial | null {
  return readLine(line, datingBy(NOW))?.denial ?? null;
}

/** The refusals of the corpus that are whole lines of syslog. */
const corpus = readFileSync(new URL('corpus.txt', import.meta.url), 'utf8').split('\n');
const LINES = corpus.filter(
  (line, n) =>
    line.startsWith(HEADER) &&
    corpus[n + 1]?.startsWith('\trefused') &&
    /^(?:\S+\[\d+\]|[\w.-]+): (?!last message|Last message|message repeated)/.test(
      line.slice(HEADER.length),
    ) &&
    read(line) !== null,
);

/** The line with another address where its client's is; with a port IPv6 is in brackets. */
function withAddress(line: string, address: string): string {
  const bracketed = address.includes(':') ? `[${address}]` : address;
  return line.replaceAll(/(?<!\[)192\.0\.2\.9(?=:\d)/g, bracketed).replaceAll('192.0.2.9', address);
}

void test('every format reads every form of address, as one address', () => {
  const forms = [
    ['198.51.100.200', '198.51.100.200'],
    ['2001:db8::7', '2001:db8::7'],
    ['2001:DB8:0:0:0:0:0:7', '2001:db8::7'],
    ['fe80::21d:9ff:fe33:f7a2%eth0', 'fe80::21d:9ff:fe33:f7a2%eth0'],
    ['::1', '::1'],
    ['::ffff:203.0.113.5', '203.0.113.5'],
  ] as const;
  let tried = 0;
  for (const line of LINES) {
    // IPv4-mapped addresses of other texts, and a format that has IPv4 only.
    if (!/(?<![\w:.])192\.0\.2\.9(?![\d.])/.test(line) || /::ffff:|ypserv/.test(line)) continue;
    const before = read(line)!;
    if (before.address !== '192.0.2.9') continue;
    for (const [form, address] of forms) {
      // Dante's dot before the port makes no address of this kind.
      if (form.includes('%') && before.format === 'dante') continue;
      const text = withAddress(line, form);
      const after = read(text);
      tried++;
      assert.deepEqual(
        [after?.format, after?.daemon, after?.address, after?.user],
        [before.format, before.daemon, address, before.user],
        text,
      );
    }
  }
  assert.ok(tried > 300, `${tried}`);
});

void test('every format is read behind every header, and before every ending', () => {
  const headers: ((tag: string, message: string) => string)[] = [
    (tag, message) => `<38>${HEADER}${tag}: ${message}`,
    (tag, message) => `2026-11-22T21:56:43.123456+00:00 gw ${tag}: ${message}`,
    (tag, message) => `Nov 22 21:56:43 gw daemon.warn ${tag}: ${message}`,
    (tag, message) => `Nov 22 21:56:43 gw warning ${tag}: ${message}`,
    (tag, message) => `Nov 22 21:56:43 gw gw ${tag}: ${message}`,
    (tag, message) => `Nov 22 21:56:43 gw Message forwarded from gw: ${tag}: ${message}`,
    (tag, message) => `Nov 22 21:56:43 gw <38>Nov 22 21:56:42 gw ${tag}: ${message}`,
    (tag, message) => `2026-11-22T21:56:43.1Z stdout F Nov 22 21:56:43 gw ${tag}: ${message}`,
    (tag, message) => `\ufeff${HEADER}${tag}: ${message}#015`,
    (tag, message) => `${HEADER}${tag}: message repeated 2 times: [ ${message}]`,
    (tag, message) =>
      JSON.stringify({ log: `${HEADER}${tag}: ${message}\n`, time: '2026-11-22T21:56:43Z' }),
    (tag, message) => {
      const [, program, pid = '-'] = /^(.+?)(?:\[(\d+)\])?$/.exec(tag)!;
      return `88 <38>1 2026-11-22T21:56:43Z gw ${program} ${pid} - - ${message}`;
    },
    (tag, message) => {
      const [, program, pid = '-'] = /^(.+?)(?:\[(\d+)\])?$/.exec(tag)!;
      return `Nov 22 21:56:43 gw ${program} ${pid} - - ${message}`;
    },
    (tag, message) => {
      const [, program, pid] = /^(.+?)(?:\[(\d+)\])?$/.exec(tag)!;
      return JSON.stringify({
        SYSLOG_IDENTIFIER: program,
        SYSLOG_PID: pid,
        _HOSTNAME: 'gw',
        MESSAGE: message,
        _TRANSPORT: 'syslog',
      });
    },
    (tag, message) =>
      tag.endsWith(']') ? `${HEADER}${tag} ${message}` : `${HEADER}${tag}: ${message}`,
  ];
  for (const line of LINES) {
    const before = read(line)!;
    const [, tag = '', message = ''] = /^(\S+?): ?(.*)$/.exec(line.slice(HEADER.length))!;
    for (const header of headers) {
      const text = header(tag, message);
      const after = read(text);
      assert.deepEqual(
        [
          after?.format,
          after?.daemon,
          after?.client,
          after?.address,
          after?.user,
          after?.host,
          after?.pid,
        ],
        [
          before.format,
          before.daemon,
          before.client,
          before.address,
          before.user,
          before.host,
          before.pid,
        ],
        text,
      );
    }
  }
  assert.ok(LINES.length > 100, `${LINES.length}`);
});
