import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { compiled, OUTPUT } from '../../../packaging/wasm.ts';

void test('the module of the search is what its source compiles to', async () => {
  assert.equal(readFileSync(OUTPUT, 'utf8'), await compiled());
});
