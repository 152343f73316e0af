import assert from 'node:assert/strict';
import test from 'node:test';
import type { Verdict } from '../../src/verify/verify.ts';
import { words } from '../../src/verify/words.ts';

const VERDICT: Verdict = {
  isGood: false,
  host: null,
  since: 0,
  until: 1,
  counted: 0,
  brought: 0,
  unread: 0,
  pending: 0,
  moved: 0,
  differences: [],
  unreadable: [],
  reasons: [],
  notes: [],
};

const each = (what: string) => Array.from({ length: 10_000 }, (_, n) => `${what} ${n}`);

test('a verdict on thousands of logs fits a screen', () => {
  const lines = words({
    ...VERDICT,
    unreadable: each('log'),
    reasons: each('reason'),
    notes: each('note'),
  });
  assert.equal(lines.length, 1 + 3 * 21);
  assert.equal(lines[1], 'cannot be compared: log 0');
  assert.equal(lines[21], 'and 9,980 more: --json has all');
});
