import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import { FORMATS } from '../../src/parse/formats.ts';
import { countLines, messagePattern, scan } from '../../src/parse/search.ts';

const needles = FORMATS.flatMap((format) => format.needles);

const others = [
  'repeated ',
  'repeats ',
  '"MESSAGE":[',
  'tartups',
  ' rate-limiting',
  ...[':', '-', ']', 'e', ' ', '\t', '\v', '\f', '\r', '\0'].flatMap((last) =>
    [' ', '\t', '\v', '\f', '\r', '\0'].map((edge) => `${last}${edge}Suppressed `),
  ),
  ...[']:', ':"', ' "', '\ufeff'].map((before) => `${before}Suppressed `),
];

const besides = FORMATS.flatMap(({ beside }) => beside ?? []);

function holds(line: string): boolean {
  return (
    others.some((needle) => line.includes(needle)) ||
    FORMATS.some(
      (format) =>
        format.needles.some((needle) => line.includes(needle)) &&
        line.includes(format.beside ?? ''),
    )
  );
}

void test('exactly the lines with a needle are found, once each and in order', () => {
  const piece = fc.oneof(
    fc.constantFrom(...needles),
    fc.constantFrom(...needles).map((needle) => needle.slice(0, -1)),
    fc.constantFrom(...besides),
    fc.constantFrom('\n', ' ', 'e', 'refus', 'denied'),
    fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = pieces.join('');
      const bytes = Buffer.from(text);
      const found: string[] = [];
      scan(bytes, (start, end) => found.push(bytes.toString('utf8', start, end)));
      assert.deepEqual(found, text.split('\n').filter(holds));
      assert.equal(countLines(bytes, 0, bytes.length), text.split('\n').length - 1);
    }),
    { numRuns: 500 },
  );
});

/** The literal text of an expression. */
const text = (regExp: RegExp) => regExp.source.replaceAll(/\\([.()[\]|/])/g, '$1');

void test('every line that a row reads has its needle, and what is beside that', () => {
  for (const { name, needles: each, beside, pattern, tag } of FORMATS) {
    for (const needle of each) {
      // What is before the first word of a message is none of it.
      const literal = name === 'twist' ? 'twist ' : needle.trim();
      assert.ok(text(pattern).includes(literal), `${name}: ${needle}`);
    }
    if (beside !== undefined)
      assert.ok(
        [pattern, tag].some((regExp) => regExp && text(regExp).includes(beside)),
        name,
      );
  }
});

void test('a line of megabytes with a needle at every word is passed over in linear time', () => {
  const bytes = Buffer.from(`${'refused '.repeat(500_000)}\nsnmpd: refused\n`);
  const found: string[] = [];
  scan(bytes, (start, end) => found.push(bytes.toString('utf8', start, end)));
  assert.deepEqual(found, ['snmpd: refused']);
});

void test('lines are counted between two places', () => {
  const bytes = Buffer.from('a\nb\nc\n');
  assert.equal(countLines(bytes, 2, 4), 1);
  assert.equal(countLines(bytes, 2, 3), 0);
  assert.equal(countLines(bytes, 6, 6), 0);
});

void test("the pattern for journalctl's --grep lets every message through that a format reads", () => {
  const pattern = new RegExp(messagePattern());
  const samples = new URL('../samples/', import.meta.url);
  let refusals = 0;
  for (const name of readdirSync(samples)) {
    for (const line of readFileSync(new URL(name, samples), 'utf8').trim().split('\n')) {
      const { raw, denial } = JSON.parse(line) as { raw?: string; denial: boolean };
      if (!denial || raw === undefined || raw.includes('last message')) continue;
      refusals++;
      // journald looks into bytes as into text.
      const [, bytes] = /"MESSAGE":\[([\d,]+)\]/.exec(raw) ?? [];
      assert.match(
        bytes === undefined ? raw : Buffer.from(bytes.split(',').map(Number)).toString(),
        pattern,
      );
    }
  }
  assert.ok(refusals > 900, `${refusals} refusals`);
  for (const { name, needles: each } of FORMATS) {
    assert.ok(
      each.some((needle) => pattern.test(needle.trim())),
      name,
    );
  }
});
