import assert from 'node:assert/strict';
import test from 'node:test';
import { Out } from '../../../src/cli/explain/out.ts';

/** What is written by a function. */
function written(work: (out: Out) => void): string {
  const parts: Buffer[] = [];
  const out = new Out((bytes) => parts.push(Buffer.from(bytes)));
  work(out);
  out.flush();
  return Buffer.concat(parts).toString();
}

void test('texts of any length are written whole and in order', () => {
  const texts = [1, 262_143, 262_144, 262_145, 90_000, 90_000, 90_000, 90_000, 600_000].flatMap(
    (length) => ['x'.repeat(length), '\u20ac'.repeat(length)],
  );
  const shown = written((out) => texts.forEach((each) => out.write(each)));
  assert.ok(shown === texts.join(''));
});
