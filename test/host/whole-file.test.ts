import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
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

test('a file of which the disk takes only a part leaves the old one', (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'report.html');
  writeWhole(path, ['old']);
  const module = new URL('../../src/host/whole-file.ts', import.meta.url).href;
  const code = `
    import { writeWhole } from '${module}';
    writeWhole(${JSON.stringify(path)}, ['x'.repeat(1_000_000)]);`;
  // The kernel writes the first 50 KiB, and reports that much.
  const limited = 'ulimit -f 100 && exec "$0" --input-type=module --eval "$1"';
  const { stderr } = spawnSync('sh', ['-c', limited, process.execPath, code], { encoding: 'utf8' });
  assert.match(stderr, /cannot write .*report\.html: file too large/);
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
