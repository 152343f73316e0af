import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { tempDir } from '../../support/temp.ts';
import { recordFile } from '../recorder.ts';

const KIB = 1024;
const line = (n: number) => `${n} `.padEnd(99, 'x');

test('a backlog is read in ever larger blocks, up to 4 MiB, and whole', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  const lines = Array.from({ length: 150_000 }, (_, n) => line(n));
  writeFileSync(path, lines.map((text) => `${text}\n`).join(''));
  const sizes: number[] = [];
  const refuse = ({ bytes }: { bytes: Buffer }) => {
    sizes.push(bytes.length);
    return false;
  };
  const log = recordFile(t, { path, maxLine: 8192 }, { once: true, refuse });
  await log.source.drained();
  assert.ok(log.read().every((text, n) => text === lines[n]));
  assert.equal(log.read().length, lines.length);
  // How large they get is a matter of time; that they grow, and no further, is not.
  const largest = Math.max(...sizes);
  assert.ok(largest > 512 * KIB && largest <= 4096 * KIB, `${largest} bytes`);
});

test('blocks stay small for a taker that needs its time', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, Array.from({ length: 10_000 }, (_, n) => `${line(n)}\n`).join(''));
  const sizes: number[] = [];
  const refuse = ({ bytes }: { bytes: Buffer }) => {
    sizes.push(bytes.length);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 110);
    return false;
  };
  const log = recordFile(t, { path, maxLine: 8192 }, { once: true, refuse });
  await log.source.drained();
  assert.equal(log.read().length, 10_000);
  assert.ok(sizes.every((size) => size <= 256 * KIB));
});
