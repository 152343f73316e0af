import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import { randomFrom } from '../support/random.ts';
import { FORMATS } from '../../src/parse/formats.ts';
import { bufferFor, countLines, messagePattern, scan } from '../../src/parse/search.ts';
import { ROOM, Vectors } from '../../src/parse/search/vectors.ts';
import { scanByWindows } from '../../src/parse/search/windows.ts';

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
  ...[']:', ']', '-', ':"', ' "', '\ufeff'].map((before) => `${before}Suppressed `),
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

const piece = fc.oneof(
  fc.constantFrom(...needles, ...others),
  fc.constantFrom(...needles).map((needle) => needle.slice(0, -1)),
  fc.constantFrom(...besides),
  fc.constantFrom('\n', ' ', 'e', 'refus', 'denied'),
  fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
);
const vectors = new Vectors();
const searches = {
  'in JavaScript': scanByWindows,
  'with vectors': vectors.scan.bind(vectors),
};

/** The lines that a search finds. */
function linesFound(search: typeof scan, bytes: Buffer): string[] {
  const found: string[] = [];
  search(bytes, (start, end) => found.push(bytes.toString('utf8', start, end)));
  return found;
}

for (const [name, search] of Object.entries(searches)) {
  void test(`exactly the lines with a needle are found, once each and in order, ${name}`, () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        assert.deepEqual(linesFound(search, Buffer.from(text)), text.split('\n').filter(holds));
      }),
      { numRuns: 500 },
    );
  });

  void test(`a line of megabytes with a needle at every word takes linear time, ${name}`, () => {
    const bytes = Buffer.from(`${'refused '.repeat(500_000)}\nsnmpd: refused\n`);
    assert.deepEqual(linesFound(search, bytes), ['snmpd: refused']);
  });
}

void test('with vectors a needle is found wherever it is in a block, copied or not', () => {
  const needle = 'refused connect';
  const line = `x${needle}y`;
  const copied = Buffer.alloc(2 * ROOM + 100, '\n');
  const lent = vectors.buffer.fill('\n');
  for (const bytes of [copied, lent]) {
    const borders = [0, ROOM, 2 * ROOM].filter((border) => border <= bytes.length);
    for (const border of borders) {
      for (let at = border - line.length - 20; at <= border + 20; at++) {
        if (at < 0 || at + line.length > bytes.length) continue;
        bytes.write(line, at);
        assert.deepEqual(linesFound(vectors.scan.bind(vectors), bytes), [line], `at ${at}`);
        bytes.fill('\n', at, at + line.length);
      }
    }
  }
});

void test('both searches find the same near misses that have the right word beside them', () => {
  const random = randomFrom(17);
  const words = ['refused ', ' denied', ' rejected', 'snmpd', 'sslh', 'auditd', 'ssl ', 'x'];
  for (const rarity of [3, 50, 2000]) {
    let text = '';
    while (text.length < 2 * ROOM) {
      const isLong = random(500) === 0;
      for (let n = isLong ? 20_000 : random(6); n >= 0; n--) {
        const word = words[random(words.length)]!;
        text += /^(?:sn|sslh|au)/.test(word) && random(rarity) > 0 ? ' - ' : word;
      }
      text += '\n';
    }
    const bytes = Buffer.from(text);
    const found = linesFound(vectors.scan.bind(vectors), bytes);
    assert.deepEqual(found, linesFound(scanByWindows, bytes));
    assert.ok(found.length > 0);
  }
});

void test('with vectors nothing is found behind the end of a block', () => {
  const { buffer } = vectors;
  const text = 'ends here\nsshd: refused connect';
  for (let length = 10; length < text.length; length++) {
    const block = buffer.subarray(0, length);
    buffer.write(text);
    assert.deepEqual(linesFound(vectors.scan.bind(vectors), block), [], text.slice(0, length));
  }
});

void test('lines are counted in a block of any size, copied or not', () => {
  const text = Array.from({ length: 60_000 }, (_, n) => `${'x'.repeat(n % 7)}\n`).join('');
  const bytes = Buffer.from(text);
  const lent = bufferFor(bytes.length);
  lent.set(bytes);
  for (const block of [bytes, lent.subarray(0, bytes.length)]) {
    for (const [start, end] of [
      [0, bytes.length],
      [1, bytes.length - 1],
      [5, 200_000],
      [100_001, 100_070],
    ] as const) {
      const expected = text.slice(start, end).split('\n').length - 1;
      assert.equal(countLines(block, start, end), expected);
    }
  }
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
