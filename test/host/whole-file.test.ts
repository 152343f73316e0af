import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { writeWhole } from '../../src/host/whole-file.ts';
import { tempDir } from '../support/temp.ts';

function* failing(): Generator<string> {
  yield 'half';
  throw new Error('no more');
}

test('a file that cannot be written to its end leaves the old one', (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'report.html');
  writeWhole(path, ['old']);
  assert.throws(() => writeWhole(path, failing()), /cannot write .*report\.html: no more/);
  assert.equal(readFileSync(path, 'utf8'), 'old');
  assert.deepEqual(readdirSync(dir), ['report.html']);
});

test('a file that is replaced keeps its mode, and a link to it', (t) => {
  const dir = tempDir(t);
  const [path, link] = [join(dir, 'report.html'), join(dir, 'link')];
  writeFileSync(path, 'old');
  chmodSync(path, 0o604);
  symlinkSync(path, link);
  writeWhole(link, ['n', 'ew']);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(readFileSync(path, 'utf8'), 'new');
  assert.equal(statSync(path).mode & 0o777, 0o604);
});

test('what is no file is written to as it is', () => {
  writeWhole('/dev/null', ['nothing']);
  assert.ok(statSync('/dev/null').isCharacterDevice());
});
