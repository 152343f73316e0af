import assert from 'node:assert/strict';
import test from 'node:test';
import { LineTexts } from '../../src/parse/line-texts.ts';
import * as fc from '../support/fast-check.ts';

/** Lines, some of them long, some not ASCII or not even UTF-8. */
const line = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 200 }) },
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.integer({ min: 3000, max: 9000 }).map((length) => 'x'.repeat(length)),
  fc.constantFrom('\u00e9', '\u20ac', '\ufffd', '\0\0'),
);
const bytes = fc.oneof(
  { weight: 20, arbitrary: line.map((text) => Buffer.from(text.replaceAll('\n', ' '))) },
  fc.constantFrom('ff', '80', 'c3', 'e282', 'f09f98').map((hex) => Buffer.from(hex, 'hex')),
);

void test('each line is decoded as it is alone, however many are near it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(bytes, fc.boolean()), { maxLength: 300 }), (lines) => {
      const block = Buffer.concat(lines.flatMap(([each]) => [each, Buffer.from('\n')]));
      const texts = new LineTexts(block);
      let start = 0;
      for (const [each, isRead] of lines) {
        const end = start + each.length;
        if (isRead) assert.equal(texts.of(start, end), each.toString());
        start = end + 1;
      }
    }),
    { numRuns: 200 },
  );
});
