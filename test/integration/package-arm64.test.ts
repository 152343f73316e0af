/** The executable for the other processor, run by an emulator. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { BUILD, bundle, makeExecutable } from '../../packaging/build.ts';
import { isHere, PROCESSORS } from '../../packaging/node-for.ts';
import { writeConfig } from '../support/agent.ts';
import { needs } from '../support/packages.ts';

const NEEDS = needs(
  'binutils-aarch64-linux-gnu',
  'qemu-user-static',
  'libc6-arm64-cross',
  'libatomic1-arm64-cross',
  'libstdc++6-arm64-cross',
);
const LIBRARIES = '/usr/aarch64-linux-gnu';
const REFUSAL = 'sshd[7]: refused connect from 192.0.2.9 (192.0.2.9)';

void test('the arm64 executable reads a log and reports what it finds', NEEDS, async (t) => {
  mkdirSync(BUILD, { recursive: true });
  const dir = mkdtempSync(join(BUILD, 'test-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const arm64 = PROCESSORS.find((processor) => !isHere(processor))!;
  const executable = join(dir, 'denywatch');
  await bundle();
  makeExecutable(arm64, executable);
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      'qemu-aarch64-static',
      ['-L', LIBRARIES, executable, ...args],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const log = join(dir, 'auth.log');
  writeFileSync(log, `${new Date().toISOString()} gw ${REFUSAL}\n`);
  const config = writeConfig(dir, { sources: [{ file: log }] });

  assert.match(run('--version'), /^denywatch \d/);
  assert.match(run('explain', log), /output Denied sshd-192\.0\.2\.9/);
  assert.equal(
    run('run', '--dry-run', '--once', '--config', config),
    'firestorm\tTCP Wrappers\t2\tDenied sshd-192.0.2.9\n',
  );
});

void test('an executable that is built again is the same', NEEDS, async (t) => {
  mkdirSync(BUILD, { recursive: true });
  const dir = mkdtempSync(join(BUILD, 'test-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const [first, second] = [join(dir, 'first'), join(dir, 'second')];
  for (const file of [first, second]) {
    await bundle();
    makeExecutable(PROCESSORS.find(isHere)!, file);
  }
  assert.equal(spawnSync('cmp', [first, second]).status, 0);
});
