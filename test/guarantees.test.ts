import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { MUTATIONS } from './mutations/mutations.ts';

const text = readFileSync(new URL('../docs/guarantees.md', import.meta.url), 'utf8');

test('each test that docs/guarantees.md names is there', () => {
  const named = [...text.matchAll(/`((?:[\w-]+\/)*[\w.-]+\.ts)`/g)].map(([, path = '']) => path);
  assert.ok(named.length > 50);
  for (const path of named) assert.ok(existsSync(new URL(path, import.meta.url)), path);
});

test('each mutation that is run is listed there', () => {
  const listed = text.slice(text.indexOf('| taken out')).match(/^\| .* \| `.*` \|$/gm) ?? [];
  assert.deepEqual(
    listed.map((line) => line.split('| ').at(-1)),
    MUTATIONS.map(({ test: path }) => `\`${path}\` |`),
  );
});

test('each protection that a mutation takes out is in the source, once', () => {
  for (const { file, find } of MUTATIONS) {
    const source = readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8');
    assert.equal(source.split(find).length - 1, 1, `src/${file}: ${find}`);
  }
});
