import assert from 'node:assert/strict';
import test from 'node:test';
import { jsonText, jsonTime, safeJson } from '../../src/text/json.ts';
import * as fc from '../support/fast-check.ts';

const unit = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 1 }),
  fc.constantFrom('"', '\\', '~', '\u007f', ' '),
);
const text = fc.array(unit, { maxLength: 8 }).map((units) => units.join('').toWellFormed());

void test('a text alone is the same JSON as in any other value', () => {
  fc.assert(
    fc.property(fc.option(text), (each) => assert.equal(jsonText(each), safeJson(each))),
    { numRuns: 2000 },
  );
});

void test('a time is the same JSON as a Date', () => {
  const day = fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 });
  fc.assert(
    fc.property(fc.array(day, { maxLength: 3 }), (times) => {
      for (const time of times) assert.equal(jsonTime(time), JSON.stringify(new Date(time)));
    }),
    { numRuns: 1000 },
  );
});
