import assert from 'node:assert/strict';
import test from 'node:test';
import { Out } from '../../../src/cli/explain/out.ts';
import { safeJson } from '../../../src/text/json.ts';
import * as fc from '../../support/fast-check.ts';

/** What is written by a function. */
function written(work: (out: Out) => void): string {
  const parts: Buffer[] = [];
  const out = new Out((bytes) => parts.push(Buffer.from(bytes)));
  work(out);
  out.flush();
  return Buffer.concat(parts).toString();
}

const unit = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 1 }),
  fc.constantFrom('"', '\\', '~', '\u007f', ' '),
);
const text = fc.array(unit, { maxLength: 8 }).map((units) => units.join('').toWellFormed());

void test('a text alone is the same JSON as in any other value', () => {
  fc.assert(
    fc.property(fc.option(text), (each) => {
      assert.equal(
        written((out) => out.json(each)),
        safeJson(each),
      );
    }),
    { numRuns: 2000 },
  );
});

void test('a time is the same JSON as a Date', () => {
  const day = fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 });
  fc.assert(
    fc.property(fc.array(day, { maxLength: 3 }), (times) => {
      const shown = written((out) => times.forEach((time) => out.time(time)));
      assert.equal(shown, times.map((time) => JSON.stringify(new Date(time))).join(''));
    }),
    { numRuns: 1000 },
  );
});

void test('texts of any length are written whole and in order', () => {
  const texts = [1, 262_143, 262_144, 262_145, 90_000, 90_000, 90_000, 90_000, 600_000].flatMap(
    (length) => ['x'.repeat(length), '\u20ac'.repeat(length)],
  );
  const shown = written((out) => {
    for (const each of texts) out.write(each);
    for (const each of texts) out.json(each);
  });
  assert.ok(shown === texts.join('') + texts.map((each) => safeJson(each)).join(''));
});
