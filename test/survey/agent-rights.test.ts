import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { findAccount } from '../../src/host/account.ts';
import type { SourceConfig } from '../../src/source/kinds.ts';
import { agentUser, cannotRead, mayWrite } from '../../src/survey/agent-rights.ts';
import { needs } from '../support/packages.ts';

const NEEDS = needs('root', 'acl');
const FILE = { kind: 'file', from: 'end', maxLine: 65_536, keepRotated: 0 } as const;
const nobody = findAccount('nobody')!;

const file = (path: string): SourceConfig => ({ ...FILE, path });

/** A directory that all may pass, which is not so of all directories of temporary files. */
function directory(t: TestContext): string {
  const dir = mkdtempSync('/tmp/denywatch-rights-');
  t.after(() => rmSync(dir, { recursive: true }));
  chmodSync(dir, 0o755);
  return dir;
}

function put(path: string, mode: number, gid = 0): string {
  writeFileSync(path, 'text\n');
  chownSync(path, 0, gid);
  chmodSync(path, mode);
  return path;
}

/** The commands that findings show. */
const commands = (findings: readonly { text: string }[]) =>
  findings.map(({ text }) => text.replace(/^.*; run: /, ''));

test(
  "what the agent's user cannot read is found by trying, and the commands mend it",
  NEEDS,
  (t) => {
    const dir = directory(t);
    mkdirSync(join(dir, 'shut'), { mode: 0o700 });
    mkdirSync(join(dir, 'hosts'), { mode: 0o700 });
    put(join(dir, 'hosts', 'a.log'), 0o644);
    const files = [
      put(join(dir, 'denywatch.yaml'), 0o600),
      put(join(dir, "an admin's nsca.password"), 0o640, 12_345),
      put(join(dir, 'shut', 'send_nsca.cfg'), 0o600),
      put(join(dir, 'open.pem'), 0o644),
    ];
    const sources = [
      file(put(join(dir, 'auth.log'), 0o600)),
      file(put(join(dir, 'syslog'), 0o644)),
      file(join(dir, 'shut', 'later.log')),
      file(join(dir, 'hosts', '*.log')),
    ];
    const found = cannotRead(nobody, { files, sources });
    assert.deepEqual(
      found.map(({ key }) => key.slice(dir.length + 1)),
      ['denywatch.yaml', "an admin's nsca.password", 'shut/send_nsca.cfg', 'auth.log'].concat(
        'shut/later.log',
        'hosts',
      ),
    );
    assert.ok(found.every(({ kind }) => kind === 'problem'));
    assert.match(found[0]!.text, /^the agent's user nobody cannot read it; run: chgrp nogroup /);
    for (const command of commands(found)) execFileSync('sh', ['-ec', command]);
    assert.deepEqual(cannotRead(nobody, { files, sources }), []);
  },
);

test('a log of a group is read by joining the group, a secret is not', NEEDS, (t) => {
  const dir = directory(t);
  const adm = 4;
  const log = put(join(dir, 'auth.log'), 0o640, adm);
  const secret = put(join(dir, 'nsca.password'), 0o640, adm);
  const reads = { files: [secret], sources: [file(log)] };
  assert.deepEqual(commands(cannotRead(nobody, reads)), [
    `setfacl -m u:nobody:r ${secret}`,
    'usermod -aG adm nobody',
  ]);
  assert.deepEqual(cannotRead({ ...nobody, groups: [adm] }, reads), []);
});

test('what root cannot read either, or is not there, is not about rights', NEEDS, (t) => {
  const dir = directory(t);
  const sources = [file(join(dir, 'none.log')), file(join(dir, 'no', 'x.log')), file(dir)];
  assert.deepEqual(cannotRead(nobody, { files: [join(dir, 'none')], sources }), []);
});

test("the agent's user is whose the queue's directory is", NEEDS, (t) => {
  const dir = directory(t);
  const queue = join(dir, 'queue.db');
  assert.equal(agentUser(queue)?.name, findAccount('denywatch')?.name);
  chownSync(dir, nobody.uid, nobody.gid);
  assert.deepEqual(agentUser(queue), nobody);
  chownSync(dir, 54_321, 54_321);
  assert.equal(agentUser(queue), null);
});

test('a group counts that /etc/group lists a user in', () => {
  assert.equal(findAccount('root')?.uid, 0);
  assert.equal(findAccount(0)?.name, 'root');
  assert.equal(findAccount('no such user'), null);
  const ids = execFileSync('id', ['-G', 'nobody'], { encoding: 'utf8' }).trim().split(' ');
  assert.deepEqual(new Set([nobody.gid, ...nobody.groups]), new Set(ids.map(Number)));
});

test("what the agent's user may write is asked with its own rights", NEEDS, (t) => {
  const dir = directory(t);
  const queue = put(join(dir, 'queue.db'), 0o640);
  assert.ok(!mayWrite(nobody, queue));
  assert.ok(!mayWrite(nobody, dir));
  chownSync(queue, nobody.uid, nobody.gid);
  assert.ok(mayWrite(nobody, queue));
  chmodSync(dir, 0o777);
  assert.ok(mayWrite(nobody, dir));
});
