import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { tempDir } from '../support/temp.ts';
import { recordFile } from './recorder.ts';

test('a first start from the start reads the whole file, then follows it', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\nb\n');
  const log = recordFile(t, { path });
  await log.sees('a', 'b');
  appendFileSync(path, 'c\nd');
  await log.sees('a', 'b', 'c');
  appendFileSync(path, 'e\n');
  await log.sees('a', 'b', 'c', 'de');
  assert.deepEqual(log.source.streams(), [{ stream: path, behind: 0, problem: null }]);
});

test('a first start from the end reads what comes after it', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\nb\n');
  const log = recordFile(t, { path, from: 'end' });
  await log.source.drained();
  const again = await log.restart();
  appendFileSync(path, 'c\n');
  await again.sees('c');
});

test('rename and create', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\n');
  const log = recordFile(t, { path });
  await log.sees('a');
  appendFileSync(path, 'b\n');
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'c\n');
  await log.sees('a', 'b', 'c');
  appendFileSync(`${path}.1`, 'late\n');
  await log.sees('a', 'b', 'c', 'late');
  const again = await log.restart();
  appendFileSync(path, 'd\n');
  await again.sees('a', 'b', 'c', 'late', 'd');
});

test('copytruncate', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\n');
  const log = recordFile(t, { path });
  await log.sees('a');
  appendFileSync(path, 'b\n');
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
  appendFileSync(path, 'c\n');
  await log.sees('a', 'b', 'c');
  assert.deepEqual(log.lost, []);
});
