import assert from 'node:assert/strict';
import test from 'node:test';
import { NO_PRINT, printOf } from '../../../src/source/file/position.ts';

test('the fingerprint of an empty file is that of no bytes', () => {
  assert.deepEqual(NO_PRINT, printOf(Buffer.alloc(0)));
});
