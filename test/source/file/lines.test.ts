import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../../support/fast-check.ts';
import { cutLines } from '../../../src/source/file/lines.ts';

/** Cuts a text that arrives in pieces, as a reader does: what is not used comes again. */
function cutAll(pieces: readonly string[], maxLine: number): { lines: string; rest: string } {
  let data = Buffer.alloc(0);
  let kept: Buffer | null = null;
  let lines = '';
  for (const piece of pieces) {
    data = Buffer.concat([data, Buffer.from(piece, 'latin1')]);
    for (;;) {
      const cut = cutLines(data, kept, maxLine);
      lines += cut.lines.toString('latin1');
      data = data.subarray(cut.used);
      kept = cut.kept;
      if (cut.used === 0 || data.length === 0) break;
    }
  }
  return { lines, rest: (kept ?? Buffer.alloc(0)).toString('latin1') + data.toString('latin1') };
}

test('whole lines are cut, the beginning of the next is left', () => {
  const data = Buffer.from('a\nbc\nd');
  const cut = cutLines(data, null, 100);
  assert.equal(cut.lines.toString(), 'a\nbc\n');
  assert.equal(cut.lines.buffer, data.buffer, 'not copied');
  assert.equal(cut.used, 5);
  assert.deepEqual(cutLines(Buffer.from('abc'), null, 100).used, 0);
});

test('of a long line the beginning is kept, wherever it is', () => {
  assert.equal(cutAll(['a\n0123456789\nb\n'], 4).lines, 'a\n0123\nb\n');
  assert.equal(cutAll(['a\n01234', '56789', '\nb\n'], 4).lines, 'a\n0123\nb\n');
  assert.equal(cutAll(['0123\n01234\n'], 4).lines, '0123\n0123\n');
});

test('NULs pass, but a hole of them hides no line', () => {
  assert.equal(cutAll(['a\0b\n\0c\n'], 4).lines, 'a\0b\n\0c\n');
  assert.equal(cutAll(['\0'.repeat(100), '\0\0\0\0\0\0abc\n'], 4).lines, 'abc\n');
  assert.equal(cutAll([`x\n${'\0'.repeat(100)}abc\n`], 4).lines, 'x\nabc\n');
});

test('any text in any pieces gives each line once, cut to its longest', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'ÿ'), maxLength: 60 });
  const property = fc.property(
    fc.array(text),
    fc.integer({ min: 1, max: 12 }),
    (pieces, maxLine) => {
      const lines = pieces.join('').split('\n');
      const rest = lines.pop()!;
      const cut = cutAll(pieces, maxLine);
      assert.equal(cut.lines, lines.map((line) => `${line.slice(0, maxLine)}\n`).join(''));
      assert.ok(rest.startsWith(cut.rest.slice(0, maxLine)));
    },
  );
  fc.assert(property, { numRuns: 300 });
});
