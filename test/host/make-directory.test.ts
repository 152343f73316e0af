import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { makeDirectory } from '../../src/host/make-directory.ts';
import { tempDir } from '../support/temp.ts';

test('a directory is created with those above it, once', (t) => {
  const path = join(tempDir(t), 'a', 'b');
  assert.equal(makeDirectory(path, 0o750), true);
  assert.equal(statSync(join(path, '..')).mode & 0o777, 0o750);
  assert.equal(makeDirectory(path), false);
});

test('a directory that cannot be created is an error, and not waited for', (t) => {
  const file = join(tempDir(t), 'file');
  writeFileSync(file, '');
  assert.throws(() => makeDirectory(file), { code: 'EEXIST' });
  assert.throws(() => makeDirectory(join(file, 'a', 'b')), { code: 'EEXIST' });
  assert.throws(() => makeDirectory('/proc/denywatch/a'), { code: 'ENOENT' });
});
