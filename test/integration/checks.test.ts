import assert from 'node:assert/strict';
import test from 'node:test';
import { program } from '../support/program.ts';

test('types, lint, format and unused code are checked', async (t) => {
  const check = program(t, 'npm', ['run', 'check'], { cwd: new URL('../..', import.meta.url) });
  assert.equal(await check.end(600_000), 0, check.stdout() + check.stderr());
});
