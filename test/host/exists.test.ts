import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { exists } from '../../src/host/exists.ts';
import { actAs } from '../../src/host/owner.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';

const asSomebody = (path: string) => actAs({ uid: 12_345, gid: 12_345 }, () => exists(path));

void test('a file in a directory that this user may not enter may exist', needs('root'), (t) => {
  const dir = tempDir(t);
  chmodSync(dir, 0o755);
  const shut = join(dir, 'shut');
  mkdirSync(shut, { mode: 0o700 });
  writeFileSync(join(shut, 'file'), '');
  assert.equal(asSomebody(join(shut, 'file')), true);
  assert.equal(asSomebody(join(dir, 'missing')), false);
  assert.equal(asSomebody(dir), true);
});
