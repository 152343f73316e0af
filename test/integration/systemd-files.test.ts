/** What the package installs for systemd, looked at by systemd's own tools. */
import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { tempDir } from '../support/temp.ts';

const NEEDS = needs('systemd');

const SHIPPED = new URL('../../systemd/', import.meta.url).pathname;

void test('the unit is exposed to 1.5 or less', NEEDS, () => {
  const unit = join(SHIPPED, 'denywatch.service');
  const analyze = ['security', '--offline=true', '--threshold=15', '--no-pager', unit];
  const { status, stdout } = spawnSync('systemd-analyze', analyze, { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});

void test('the user and the folders come out as they should', NEEDS, (t) => {
  const root = tempDir(t);
  mkdirSync(join(root, 'etc/denywatch'), { recursive: true });
  for (const file of ['passwd', 'group']) writeFileSync(join(root, 'etc', file), '');
  const secrets = ['denywatch.yaml', 'nsca.password'].map((name) =>
    join(root, 'etc/denywatch', name),
  );
  for (const path of secrets) {
    writeFileSync(path, 'secret');
    chmodSync(path, 0o644);
    chownSync(path, 12, 12);
  }
  const sysusers = ['--root', root, join(SHIPPED, 'denywatch.sysusers')];
  execFileSync('systemd-sysusers', sysusers, { stdio: 'pipe' });
  const user = readFileSync(join(root, 'etc/passwd'), 'utf8').split(':');
  const [name, , uid = '', gid = '', , home, shell] = user;
  assert.deepEqual([name, home, shell], ['denywatch', '/var/lib/denywatch', '/usr/sbin/nologin\n']);
  const groups = readFileSync(join(root, 'etc/group'), 'utf8');
  assert.match(groups, /^adm:.*\bdenywatch$/m);
  assert.match(groups, /^systemd-journal:.*\bdenywatch$/m);

  const tmpfiles = ['--create', '--root', root, join(SHIPPED, 'denywatch.tmpfiles')];
  execFileSync('systemd-tmpfiles', tmpfiles, { stdio: 'pipe' });
  const state = statSync(join(root, 'var/lib/denywatch'));
  assert.deepEqual([state.mode & 0o777, `${state.uid}`, `${state.gid}`], [0o750, uid, gid]);
  for (const path of secrets) {
    const stat = statSync(path);
    assert.deepEqual([stat.mode & 0o777, stat.uid, `${stat.gid}`], [0o640, 0, gid]);
  }
});
