import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import { namePattern } from '../../src/result/name-pattern.ts';

test('a pattern is for a whole name, * for any characters, ? for one, ALL for every name', () => {
  const cases: readonly (readonly [pattern: string, name: string, is: boolean])[] = [
    ['web1', 'WEB1', true],
    ['web1', 'web10', false],
    ['web*', 'web', true],
    ['web?', 'web', false],
    ['web?', 'web7', true],
    ['*.example.org', 'a.example.org', true],
    ['*.example.org', 'example.org', false],
    ['a.b', 'axb', false],
    ['*a*b*c', 'xaybzc', true],
    ['*a*b*c', 'xaybzcd', false],
    ['**', '', true],
    ['', 'x', false],
    ['ALL', 'x', true],
    ['all', 'x', false],
    ['a+(b)', 'a+(b)', true],
  ];
  for (const [pattern, name, is] of cases)
    assert.equal(namePattern(pattern)(name), is, `${pattern} ${name}`);
});

test('it says the same as a regular expression', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 12 });
  fc.assert(
    fc.property(text, text, (pattern, name) => {
      const source = pattern.replace(/[.*?]/g, (sign) => ({ '*': '.*', '?': '.' })[sign] ?? '\\.');
      assert.equal(namePattern(pattern)(name), new RegExp(`^${source}$`, 's').test(name));
    }),
    { numRuns: Number(process.env['FC_RUNS'] ?? 2000) },
  );
});

test('hostile patterns and names as long as a line end at once', () => {
  // A matcher that goes back to more than the last star would not end on these.
  const name = 'scan.dyn.'.repeat(7000);
  for (const pattern of [
    '*scan*dyn*.example.org',
    '*a*b*c',
    `${'*a'.repeat(120)}b`,
    '*'.repeat(255),
  ])
    namePattern(pattern)(name);
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('*', '*s', '*sc', 'n.', '?', 'd'), { maxLength: 120 }),
      (parts) => void namePattern(`${parts.join('')}x`)(name),
    ),
    { numRuns: 200 },
  );
});
