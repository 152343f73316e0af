import assert from 'node:assert/strict';
import test from 'node:test';
import fc from '../support/fast-check.ts';
import { bytes, span } from '../../src/text/amounts.ts';
import { columns, cut, hasUnicode, wrap } from '../../src/text/layout.ts';
import { visible } from '../../src/text/unseen.ts';

test('a column is as high as its value, and what is not zero can be seen', () => {
  assert.deepEqual(columns([0, 1, 50, 100], 100, 2, true), ['   █', ' ▁██']);
  assert.deepEqual(columns([0, 1, 50, 100], 100, 2, false), ['   #', ' ###']);
  assert.deepEqual(columns([0, 0], 0, 1, true), ['  ']);
});

test('wrapped text has every character, in lines that fit', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 30 }), (text, width) => {
      const lines = wrap(text, width);
      assert.ok(lines.every((line) => line.length <= width));
      assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
    }),
  );
});

test('a width that is not known is no reason to fail', () => {
  assert.deepEqual(wrap('ab c', 0), ['a', 'b', 'c']);
  assert.deepEqual(wrap('', -8), ['']);
});

test('text of others has nothing that a terminal would act on', () => {
  assert.equal(visible('a\u001b[2Jb\u202ec\nd\u009be'), 'a?[2Jb?c?d?e');
});

test('measures are shown as people write them', () => {
  assert.deepEqual([0, 119_000, 120_000, 7_200_000, 1e9].map(span), [
    '0 s',
    '119 s',
    '2 min',
    '2 h',
    '12 days',
  ]);
  assert.deepEqual([1, 1023, 1024, 2_200_000, 64 * 1024 ** 3].map(bytes), [
    '1 byte',
    '1023 bytes',
    '1.0 KiB',
    '2.1 MiB',
    '64 GiB',
  ]);
  assert.equal(cut('a long path', 5), 'a lo~');
});

test('the locale says whether there is more than ASCII', () => {
  assert.ok(hasUnicode({ LANG: 'de_DE.UTF-8' }));
  assert.ok(!hasUnicode({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' }));
  assert.ok(!hasUnicode({}));
});
