/**
 * The package for arm64 on a Debian 13 for arm64, whose programs an emulator runs: from its
 * installation by apt to the refusal that it finds in a log.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { stringify } from 'yaml';
import { BUILD, bundle, makeExecutable } from '../../packaging/build.ts';
import { isHere, PROCESSORS } from '../../packaging/node-for.ts';
import { neededRoot } from '../support/debian-root.ts';
import { startForeign } from '../support/foreign.ts';
import { startNsca } from '../support/nsca.ts';
import { buildPackage, HERE, seen } from '../support/package.ts';
import { needs } from '../support/packages.ts';
import { until } from '../support/until.ts';

const ROOT = neededRoot(
  'trixie',
  { packages: [], offered: ['libatomic1'], processor: 'arm64' },
  'binutils-aarch64-linux-gnu',
  'qemu-user-static',
);
const BUILDS = needs('binutils');
const CONFIG = '/etc/denywatch/denywatch.yaml';
const LOG = '/var/log/auth.log';
const ALERT = /;firestorm;TCP Wrappers;2;Denied sshd-192\.0\.2\.9/;
const REFUSAL = 'sshd[7]: refused connect from 192.0.2.9 (192.0.2.9)';

void test('the arm64 package is installed, and reports what a log holds', ROOT.needs, async (t) => {
  const processor = PROCESSORS.find((one) => !isHere(one))!;
  const { deb } = await buildPackage(t, { processor, options: ['-Znone'] });
  const machine = await startForeign(t, ROOT.path());
  const said = machine.run('apt-get', '--yes', 'install', seen(deb));
  assert.match(said, /denywatch is installed, but not started/);
  assert.match(
    machine.run('dpkg-query', '-W', '-f', '${Architecture} ${Status}', 'denywatch'),
    /^arm64 install ok installed$/,
  );
  assert.equal(
    machine.run('stat', '-c', '%a %U %G', '/var/lib/denywatch'),
    '750 denywatch denywatch\n',
  );
  assert.match(machine.run('denywatch', '--version'), /^denywatch \d/);

  const nsca = await startNsca(t);
  machine.write('/etc/hosts.deny', 'ALL: ALL\n');
  machine.write(LOG, `${new Date().toISOString()} gw ${REFUSAL}\n`);
  machine.run('chgrp', 'adm', LOG);
  machine.run('denywatch', 'init', '--monitor', '127.0.0.1');
  assert.equal(machine.run('stat', '-c', '%a %U %G', CONFIG), '640 root denywatch\n');
  // All that the emulator runs is slow, and slower on a busy machine.
  const monitor = {
    nsca: `127.0.0.1:${nsca.port}`,
    encryption: 'xor',
    password: 'secret',
    timeout: '5m',
  };
  // Without a queue it would begin at the log's end.
  const config = {
    host: 'firestorm',
    sources: [{ file: LOG, from: 'start' }],
    monitors: [monitor],
  };
  machine.write(CONFIG, stringify(config));
  assert.match(machine.run('denywatch', 'explain', LOG), /output Denied sshd-192\.0\.2\.9/);
  assert.match(machine.run('denywatch', 'check'), /^ok +monitors\.0/m);
  machine.run('runuser', '-u', 'denywatch', '--', 'denywatch', 'run', '--once');
  const came = () => nsca.commands().some((command) => ALERT.test(command));
  await until('the alert', came);
});

void test('an executable that is built again is the same', BUILDS, async (t) => {
  mkdirSync(BUILD, { recursive: true });
  const dir = mkdtempSync(join(BUILD, 'test-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const [first, second] = [join(dir, 'first'), join(dir, 'second')];
  for (const file of [first, second]) {
    await bundle();
    makeExecutable(HERE, file);
  }
  assert.equal(spawnSync('cmp', [first, second]).status, 0);
});
