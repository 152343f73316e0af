import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import type { Denial } from '../../src/parse/denial.ts';
import { Parser, type Carry } from '../../src/parse/parser.ts';
import { datingBy } from '../../src/parse/time.ts';

const NOW = Date.UTC(2026, 10, 23);
const header = '2026-11-22T21:56:43Z gw';
const refusal = `${header} snmpd[4242]: Connection from UDP: [192.0.2.9]:5->[192.0.2.1]:161 REFUSED\n`;
const other = `${header} sshd[17]: Server listening on :: port 22.\n`;
const again = '2026-11-22T21:57:13Z gw last message repeated 3 times\n';

function suppressed(tag: string): string {
  const words =
    "Last message 'Connection from UDP:' repeated 4 times, suppressed by syslog-ng on gw";
  return `${header} ${tag}[22]: ${words}\n`;
}

function twist(size: number): string {
  return `${header} sshd[7]: twist 192.0.2.9 to /bin/echo ${'x'.repeat(size)}\n`;
}

function read(parser: Parser, text: string | Buffer, stream = 'log'): Denial[] {
  const denials: Denial[] = [];
  parser.read({ stream, bytes: Buffer.from(text) }, { denial: (denial) => denials.push(denial) });
  return denials;
}

function counts(parser: Parser, ...blocks: string[]): number[] {
  return blocks.flatMap((block) => read(parser, block).map((denial) => denial.count));
}

void test('a denial has all that its line contains, and the time of reading where that has none', () => {
  const parser = new Parser({ dating: () => datingBy(NOW) });
  const [denial] = read(
    parser,
    `${header} sshd[7]: refused connect from bob@host.example (192.0.2.9)\n`,
  );
  assert.deepEqual(denial, {
    at: Date.UTC(2026, 10, 22, 21, 56, 43),
    host: 'gw',
    pid: 7,
    program: 'sshd',
    count: 1,
    format: 'tcpd',
    daemon: 'sshd',
    client: 'host.example',
    address: '192.0.2.9',
    user: 'bob',
  });
  assert.equal(read(parser, 'sshd[7]: refused connect from 192.0.2.9 (192.0.2.9)\n')[0]?.at, NOW);
});

void test('the place of a line is given in bytes of its block', () => {
  const found: string[] = [];
  const bytes = Buffer.from(`café\n${refusal}${other}${refusal.trimEnd()}`);
  new Parser().read(
    { stream: 'log', bytes },
    { denial: (_, { start, end }) => found.push(bytes.toString('utf8', start, end)) },
  );
  assert.deepEqual(found, [refusal.trimEnd(), refusal.trimEnd()]);
});

void test('a repeat of a refusal counts as often as it says, also in the next block', () => {
  assert.deepEqual(counts(new Parser(), refusal + again + again), [1, 3, 3]);
  assert.deepEqual(counts(new Parser(), refusal, again, again), [1, 3, 3]);
});

void test('a repeat of another line, of another stream or of nothing counts nothing', () => {
  assert.deepEqual(counts(new Parser(), refusal + other + again), [1]);
  assert.deepEqual(counts(new Parser(), refusal, other, again), [1]);
  assert.deepEqual(counts(new Parser(), again), []);
  const parser = new Parser();
  read(parser, refusal, 'one');
  assert.deepEqual(read(parser, again, 'two'), []);
});

void test('a repeat survives a restart by what was carried', () => {
  const before = new Parser();
  read(before, other + refusal);
  const carry = JSON.parse(JSON.stringify(before.carry('log'))) as Carry;
  const after = new Parser();
  after.restore('log', carry);
  assert.deepEqual(counts(after, again), [3]);
  read(before, other);
  assert.equal(before.carry('log'), null);
});

void test("syslog-ng's suppression counts for the program that it names", () => {
  const [first, second] = read(new Parser(), refusal + suppressed('snmpd'));
  assert.deepEqual([first?.count, second?.count, second?.pid], [1, 4, 4242]);
  assert.deepEqual(counts(new Parser(), refusal + suppressed('sshd')), [1]);
});

void test('a forged line of the journal is marked as such and is no denial', () => {
  const record = {
    MESSAGE: 'refused connect from 192.0.2.9 (192.0.2.9)',
    SYSLOG_IDENTIFIER: 'sshd',
  };
  const line = JSON.stringify({ ...record, _UID: '1000', _COMM: 'logger' });
  const reasons: string[] = [];
  new Parser().read(
    { stream: 'journal', bytes: Buffer.from(line) },
    {
      denial: () => assert.fail('taken for a denial'),
      forged: (_, __, reason) => reasons.push(reason),
    },
  );
  assert.deepEqual(reasons, ['sent by logger of user 1000']);
});

void test('a hole at the start of a line, a carriage return and NULs at its end are passed over', () => {
  const line = Buffer.concat([
    Buffer.alloc(5000),
    Buffer.from(refusal.trimEnd()),
    Buffer.from('\r\0\0\n'),
  ]);
  assert.equal(read(new Parser(), line)[0]?.client, '192.0.2.9');
});

void test('a line that is longer than any refusal is not read', () => {
  assert.equal(read(new Parser(), twist(8_000)).length, 1);
  assert.equal(read(new Parser(), twist(12_000)).length, 0);
  assert.equal(read(new Parser(), twist(1_000_000) + refusal).length, 1);
});

void test('refusals are found wherever they lie between other lines, whole and in blocks', () => {
  const line = fc.oneof(
    fc.constant(refusal),
    fc.constant(other),
    fc.string({ unit: 'binary', maxLength: 60 }).map((text) => `${text.replaceAll('\n', '')}\n`),
  );
  const lines = fc.array(fc.array(line, { maxLength: 12 }), { maxLength: 5 });
  fc.assert(
    fc.property(lines, (blocks) => {
      const expected = blocks.flat().filter((each) => each === refusal).length;
      const all = counts(new Parser(), ...blocks.map((block) => block.join('')));
      const whole = counts(new Parser(), blocks.flat().join(''));
      return all.length === expected && whole.length === expected;
    }),
  );
});
