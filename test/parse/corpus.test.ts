import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { checkCorpus } from '../../src/parse/corpus.ts';
import { FORMATS } from '../../src/parse/formats.ts';

const corpus = readFileSync(new URL('corpus.txt', import.meta.url), 'utf8');

void test('every line of the corpus is read as expected', () => {
  const { checked, differences } = checkCorpus(corpus);
  assert.deepEqual(differences, []);
  assert.ok(checked > 150);
});

void test('every format of the table has a line in the corpus', () => {
  const shown = new Set([...corpus.matchAll(/\trefused format=(\S+)/g)].map((m) => m[1]));
  assert.deepEqual(
    FORMATS.map((format) => format.name).filter((name) => !shown.has(name)),
    [],
  );
});

void test('a line that is read differently is shown with both readings', () => {
  const line = 'Nov 22 21:56:43 gw sshd[4242]: refused connect from 192.0.2.9 (192.0.2.9)';
  const { differences } = checkCorpus(
    `# comment\n${line}\n\trefused daemon=sshd client=x\n${line}\n\tno refusal\n`,
  );
  assert.deepEqual(
    differences.map(({ line: number, read }) => [number, read]),
    [
      [2, 'refused daemon=sshd client=192.0.2.9'],
      [
        4,
        'refused at=' +
          `${differences[1]!.read.slice(11, 35)} host=gw pid=4242 program=sshd count=1 format=tcpd ` +
          'daemon=sshd client=192.0.2.9 address=192.0.2.9 user=-',
      ],
    ],
  );
});

void test('a corpus with a line that expects nothing, or an expectation of no line, is refused', () => {
  assert.throws(() => checkCorpus('a line\nanother\n\tno refusal\n'), /line 1 has no expectation/);
  assert.throws(() => checkCorpus('a line\n'), /line 1 has no expectation/);
  assert.throws(
    () => checkCorpus('\tno refusal\n'),
    /line 1 is an expectation without a log line above it/,
  );
});
