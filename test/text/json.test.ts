import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import { safeJson, safeJsonText } from '../../src/text/json.ts';

void test('a text alone is the same JSON as in any other value', () => {
  const unit = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 1 }),
    fc.constantFrom('"', '\\', '~', '\u007f', ' '),
  );
  fc.assert(
    fc.property(fc.option(fc.array(unit, { maxLength: 8 })), (units) => {
      const text = units?.join('') ?? null;
      assert.equal(safeJsonText(text), safeJson(text));
    }),
    { numRuns: 2000 },
  );
});
