import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { DirectoryNames } from '../../../src/source/file/names.ts';
import { tempDir } from '../../support/temp.ts';

const LATER = () => Date.now() + 60_000;

/** Makes empty files in a new directory, which it returns. */
function filled(t: TestContext, files: readonly string[]): string {
  const directory = tempDir(t);
  for (const name of files) writeFileSync(join(directory, name), '');
  return directory;
}

test('a directory that has not changed for a while is listed once', (t) => {
  const directory = filled(t, ['b.log', 'a.log']);
  const names = new DirectoryNames(LATER);
  const first = names.in(directory);
  assert.deepEqual(first, ['a.log', 'b.log']);
  assert.equal(names.in(directory), first);
});

test('a directory that changed is listed again, however often', (t) => {
  const directory = filled(t, ['a.log']);
  const names = new DirectoryNames(LATER);
  names.in(directory);
  writeFileSync(join(directory, 'b.log'), '');
  assert.deepEqual(names.in(directory), ['a.log', 'b.log']);
  renameSync(join(directory, 'b.log'), join(directory, 'b.log.1'));
  assert.deepEqual(names.in(directory), ['a.log', 'b.log.1']);
});

test('a directory that changed just now is listed each time', (t) => {
  const directory = filled(t, ['a.log']);
  const now = Date.now();
  const names = new DirectoryNames(() => now);
  assert.notEqual(names.in(directory), names.in(directory));
});

test('another directory of the same name is listed', (t) => {
  const above = tempDir(t);
  const directory = join(above, 'logs');
  mkdirSync(directory);
  const names = new DirectoryNames(LATER);
  assert.deepEqual(names.in(directory), []);
  renameSync(directory, join(above, 'away'));
  assert.deepEqual(names.in(directory), []);
  mkdirSync(directory);
  writeFileSync(join(directory, 'a.log'), '');
  assert.deepEqual(names.in(directory), ['a.log']);
});

test('the names that begin with a text are found among many', (t) => {
  const files = Array.from({ length: 300 }, (_, i) => `web${i}.log`);
  const directory = filled(t, ['auth.log', ...files, 'web7.log.1', 'web7.log.2.gz', 'zulu']);
  const names = new DirectoryNames(LATER);
  const beginning = (start: string) => [...names.beginning(directory, start)];
  assert.deepEqual(beginning('web7.'), ['web7.log', 'web7.log.1', 'web7.log.2.gz']);
  assert.deepEqual(beginning('auth'), ['auth.log']);
  assert.deepEqual(beginning('zz'), []);
  assert.equal(beginning('').length, 304);
});
