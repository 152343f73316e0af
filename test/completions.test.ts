/** What the shells themselves make of the completions. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { completions } from '../packaging/completions.ts';
import { OPTIONS } from '../src/cli/status/status.ts';
import { needs } from './support/packages.ts';
import { tempDir } from './support/temp.ts';

const STATUS = [...Object.keys(OPTIONS).map((name) => `--${name}`), '--help'].toSorted();

/** Writes the completions; gives what the shell prints, as sorted words. */
async function complete(t: TestContext, shell: string, script: string): Promise<string[]> {
  const dir = tempDir(t);
  for (const [path, text] of Object.entries(await completions())) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  const env = { PATH: process.env['PATH'], HOME: dir, TERM: 'dumb', DIR: dir };
  const { stdout, stderr } = spawnSync(shell, ['-c', script], { encoding: 'utf8', env });
  assert.equal(stderr, '');
  return stdout.split(/\s+/).filter(Boolean).toSorted();
}

const bash = (words: string) => `
  . $DIR/bash-completion/completions/denywatch
  COMP_WORDS=(${words}) COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
  _denywatch
  echo "\${COMPREPLY[@]}"`;
const zsh = (words: string) => `
  compadd() { shift; print -l -- \${(M)@:#$PREFIX*} }
  _files() { print files }
  _hosts() { print hosts }
  words=(${words}) CURRENT=$#words PREFIX=\${words[-1]}
  . $DIR/zsh/vendor-completions/_denywatch`;
const fish = (line: string) => `
  source $DIR/fish/vendor_completions.d/denywatch.fish
  complete -C '${line}'`;

const SUBVERBS = ['drop', 'list', 'retry'];

void test('bash completes what an argument or a value may be', async (t) => {
  assert.deepEqual(await complete(t, 'bash', bash('denywatch queue ""')), SUBVERBS);
  assert.deepEqual(await complete(t, 'bash', bash('denywatch send gw load cr')), ['critical']);
  assert.deepEqual(await complete(t, 'bash', bash('denywatch receive --method 3')), ['3des']);
  assert.deepEqual(await complete(t, 'bash', bash('denywatch help rep')), ['report']);
  const hosts = `compgen() { echo "$2"; }${bash('denywatch send ""')}`;
  assert.deepEqual(await complete(t, 'bash', hosts), ['hostname']);
});

void test('zsh completes what an argument or a value may be', needs('zsh'), async (t) => {
  assert.deepEqual(await complete(t, 'zsh', zsh('denywatch queue ""')), SUBVERBS);
  assert.deepEqual(await complete(t, 'zsh', zsh('denywatch send gw load cr')), ['critical']);
  assert.deepEqual(await complete(t, 'zsh', zsh('denywatch receive --method 3')), ['3des']);
  assert.deepEqual(await complete(t, 'zsh', zsh('denywatch send ""')), ['hosts']);
});

void test('fish completes what an argument or a value may be', needs('fish'), async (t) => {
  assert.deepEqual(
    (await complete(t, 'fish', fish('denywatch queue '))).filter((word) => !word.startsWith('-')),
    SUBVERBS,
  );
  assert.deepEqual(await complete(t, 'fish', fish('denywatch send gw load cr')), ['critical']);
  assert.deepEqual(await complete(t, 'fish', fish('denywatch receive --method 3')), ['3des']);
});

void test('bash completes verbs and their options', async (t) => {
  assert.deepEqual(await complete(t, 'bash', bash('denywatch sta')), ['status']);
  const options = await complete(t, 'bash', bash('denywatch status --'));
  assert.deepEqual(options, STATUS);
  assert.deepEqual(await complete(t, 'bash', bash('denywatch status x')), []);
});

void test('zsh completes verbs and their options', needs('zsh'), async (t) => {
  assert.deepEqual(await complete(t, 'zsh', zsh('denywatch sta')), ['status']);
  assert.deepEqual(await complete(t, 'zsh', zsh('denywatch status --')), STATUS);
  assert.deepEqual(await complete(t, 'zsh', zsh('denywatch status x')), ['files']);
});

void test('fish completes verbs and their options', needs('fish'), async (t) => {
  assert.deepEqual(await complete(t, 'fish', fish('denywatch sta')), ['status']);
  assert.deepEqual(await complete(t, 'fish', fish('denywatch status --')), STATUS);
});
