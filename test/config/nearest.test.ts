import assert from 'node:assert/strict';
import test from 'node:test';
import { nearest } from '../../src/config/nearest.ts';

const WORDS = ['nsca', 'nsca-ng', 'icinga2', 'from', 'critical', 'warning', '--json', '0'];

const MEANT: [typed: string, meant: string | null][] = [
  ['nsac', 'nsca'],
  ['form', 'from'],
  ['--jsno', '--json'],
  ['icinga', 'icinga2'],
  ['crit', 'critical'],
  ['Warn', 'warning'],
  ['ncsa-ng', 'nsca-ng'],
  ['4', null],
  ['c', null],
  ['', null],
  ['nagios', null],
];

for (const [typed, meant] of MEANT) {
  test(`'${typed}' is taken for ${meant ?? 'no word'}`, () => {
    assert.equal(nearest(typed, WORDS), meant);
  });
}

test('the beginning of several words means none of them', () => {
  assert.equal(nearest('pass', ['passwordFile', 'passwords']), null);
});
