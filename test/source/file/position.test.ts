import assert from 'node:assert/strict';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { glanceAt, stampAt } from '../../../src/source/file/position.ts';
import { tempDir } from '../../support/temp.ts';

test('the stamp of a file is the same however it was read', (t) => {
  const file = join(tempDir(t), 'auth.log');
  assert.equal(stampAt(file), null);
  for (const seconds of [0, 1, 1_795_805_072.510_211, Date.now() / 1000 - 0.000_001]) {
    writeFileSync(file, 'x'.repeat(Math.ceil(seconds % 7)));
    utimesSync(file, seconds, seconds);
    assert.deepEqual(stampAt(file), glanceAt(file).stamp);
  }
  writeFileSync(file, 'now\n');
  assert.deepEqual(stampAt(file), glanceAt(file).stamp);
});
