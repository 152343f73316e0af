/** A log that an unprivileged agent may not read, and then may. */
import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root');

const READER = join(import.meta.dirname, '../support/file-reader.ts');
const NOBODY = 65_534;
const line = (number: number) => `sshd[${number}]: refused connect\n`;

test(
  'an unreadable log is reported once and read when it can be, at first and after a rotation',
  NEEDS,
  async (t) => {
    const path = join(tempDir(t), 'log', 'auth.log');
    const state = join(dirname(path), '..', 'state');
    for (const dir of [dirname(path), state]) mkdirSync(dir);
    for (const dir of [dirname(state), dirname(path)]) chmodSync(dir, 0o755);
    chownSync(state, NOBODY, NOBODY);
    writeFileSync(path, line(1), { mode: 0o600 });
    const args = [READER, join(state, 'taken.db'), path, 'print'];
    const reader = program(t, process.execPath, args, { uid: NOBODY, gid: NOBODY });
    await until('the reader', () => reader.stdout().includes('ready'));
    await until('the word on it', () => reader.stderr().endsWith('\n'));
    assert.match(reader.stderr(), /^warning: cannot read: permission denied[^\n]*\n$/);

    chmodSync(path, 0o644);
    await until('the first line', () => reader.stdout().includes('1\n'));
    renameSync(path, `${path}.1`);
    writeFileSync(path, line(2), { mode: 0o600 });
    await until('the problem', () => reader.stderr().split('permission denied').length === 3);
    appendFileSync(`${path}.1`, line(3));
    await until('the late line', () => reader.stdout().includes('3\n'));
    chmodSync(dirname(path), 0);
    appendFileSync(path, line(4));
    chmodSync(path, 0o644);
    chmodSync(dirname(path), 0o755);
    await until('the last line', () => reader.stdout().endsWith('2\n4\n'));
    assert.equal(reader.stdout(), 'ready\n1\n3\n2\n4\n');
  },
);
