import assert from 'node:assert/strict';
import { appendFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { SourceConfig } from '../../src/source/kinds.ts';
import { lookAt } from '../../src/survey/logs.ts';
import { checkSource } from '../../src/survey/sources.ts';
import { lookAtFile } from '../../src/source/file/look.ts';
import { recordFile } from '../source/recorder.ts';
import { tempDir } from '../support/temp.ts';

const file = (path: string): SourceConfig => ({
  kind: 'file',
  path,
  from: 'end',
  maxLine: 65_536,
  keepRotated: 0,
});

function directory(t: TestContext, ...names: string[]): string {
  const dir = tempDir(t);
  for (const name of names) writeFileSync(join(dir, name), '');
  return dir;
}

test('what check says can be read is what run reads, and what it leaves out is not', async (t) => {
  const names = ['web1.log', 'web2.log', 'web2.log.1', 'web1.log.2.gz', 'web3.log', '10.0.0.1'];
  const dir = directory(t, ...names);
  for (const pattern of ['web[12].log*', '*', '{web3,10}*', 'web1.log']) {
    const [ok, note] = await checkSource(file(join(dir, pattern)), 0, []);
    const log = recordFile(t, { path: join(dir, pattern), from: 'end' });
    await log.source.drained();
    const streams = new Set(log.source.streams().map(({ stream }) => stream));
    for (const name of names) {
      const path = join(dir, name);
      assert.equal(ok!.text.includes(`${path} (`), streams.has(path), `${pattern} ${name}`);
      if (pattern === '*')
        assert.notEqual(note!.text.includes(`${path} (`), streams.has(path), name);
    }
    await log.source.stop();
  }
});

test('check says why a file is left out', async (t) => {
  const dir = directory(t, 'a.log', 'a.log.1', 'a.log.2.xz');
  const [, note] = await checkSource(file(join(dir, '*')), 0, []);
  assert.equal(note?.kind, 'note');
  assert.match(note.text, /a\.log\.1 \(rotated from a\.log\), .*a\.log\.2\.xz \(compressed\)/);
});

test('a missing directory and a pattern without a match are said', async (t) => {
  const dir = directory(t);
  const [missing] = await checkSource(file(join(dir, 'no/a.log')), 3, []);
  assert.deepEqual(
    [missing?.kind, missing?.key, missing?.text],
    ['problem', 'sources.3', `there is no directory ${join(dir, 'no')}: is the path right?`],
  );
  const [nothing] = await checkSource(file(join(dir, '*.log')), 0, []);
  assert.match(nothing!.text, /matches no file yet/);
});

test('a source that nobody writes to any more is a problem where another log lives', async (t) => {
  const dir = directory(t, 'auth.log', 'other.log');
  const [auth, other] = [join(dir, 'auth.log'), join(dir, 'other.log')];
  appendFileSync(other, 'now\n');
  const logs = [await lookAt(lookAtFile(other))];
  assert.equal((await checkSource(file(auth), 0, logs)).length, 1);
  utimesSync(auth, 1_700_000_000, 1_700_000_000);
  const [, dead] = await checkSource(file(auth), 0, logs);
  assert.equal(dead?.kind, 'problem');
  assert.match(dead.text, /last written to at 2023-11-14.*other\.log is written to now/);
});
