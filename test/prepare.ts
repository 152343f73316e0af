/**
 * Before the tests: installs the Debian packages whose programs they need, where we are root and
 * they are missing. Elsewhere it says which are missing; the tests that need them skip by name.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { NEEDED, missing } from './support/packages.ts';

/** Asked by Debian's packages before they start a service: 101 forbids it. */
const POLICY = '/usr/sbin/policy-rc.d';

function run(command: string, args: string[]): number {
  const { status } = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status ?? 1;
}

function install(packages: string[]): void {
  process.stderr.write(`installing for the tests: ${packages.join(' ')}\n`);
  const ours = !existsSync(POLICY);
  if (ours) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    run('apt-get', ['update']);
    run('apt-get', ['install', '--yes', '--no-install-recommends', ...packages]);
  } finally {
    if (ours) rmSync(POLICY);
  }
}

const wanted = missing();
if (wanted.length > 0 && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get'))
  install(wanted);
const still = missing();
if (still.length > 0) {
  process.stderr.write(`missing, so that some tests will be skipped: ${still.join(' ')}\n`);
  process.stderr.write(`of ${Object.keys(NEEDED).length} programs that the tests use\n`);
  if (process.env['CI'] === 'true') process.exit(1);
}
