import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { readHostsDeny } from '../../src/survey/hosts-deny.ts';
import { tempDir } from '../support/temp.ts';

function read(t: TestContext, text: string) {
  const path = join(tempDir(t), 'hosts.deny');
  writeFileSync(path, text);
  return readHostsDeny(path);
}

test("the recipe's rule is found, and the fix is shown", (t) => {
  const { fine, text } = read(
    t,
    '# ours\nsshd: 192.0.2.1\nALL: ALL: RFC931: twist (handle_tcp_wrapper %h %d) &\n',
  );
  assert.ok(!fine);
  assert.match(
    text,
    /^line 3 runs a program for each refusal, .*; change the line to: ALL: ALL: RFC931$/,
  );
});

test('also over several lines, with spawn, with a path, and for denywatch denied', (t) => {
  const rules = [
    'ALL: ALL: \\\n twist (/usr/lib/nagios/handle_tcp_wrapper %h %d) &\n',
    'ALL : ALL : spawn (/usr/lib/handle_tcp_wrapper %h %d) &\n',
    'ALL: ALL: TWIST /usr/bin/denywatch denied %h %d\n',
  ];
  for (const rule of rules) {
    const { fine, text } = read(t, rule);
    assert.ok(!fine, rule);
    assert.match(text, /^line 1 .*; change the line to: ALL ?: ALL$/);
  }
});

test('a spawn rule for programs that log nothing themselves reports nothing twice', (t) => {
  const spawn = 'ALL: spawn (/usr/bin/denywatch denied %h %d) &\n';
  assert.ok(read(t, `snmptrapd, conserver: ${spawn}`).fine);
  assert.ok(!read(t, `snmptrapd, sshd: ${spawn}`).fine);
  assert.ok(!read(t, `ALL: ${spawn}`).fine);
  assert.ok(!read(t, 'snmptrapd: ALL: twist (/usr/bin/denywatch denied %h %d)\n').fine);
  const dir = tempDir(t);
  mkdirSync(join(dir, 'etc'));
  writeFileSync(join(dir, 'etc/danted.conf'), 'debug: 1\n');
  writeFileSync(join(dir, 'hosts.deny'), `danted: ${spawn}`);
  assert.ok(!readHostsDeny(join(dir, 'hosts.deny'), dir).fine, 'it is made to log them');
});

test('a rule for something else, and one that is a comment, are left alone', (t) => {
  assert.deepEqual(read(t, '# ALL: ALL: twist (handle_tcp_wrapper %h %d) &\nALL: ALL\n'), {
    fine: true,
    text: '1 rule, and none that would report a refusal twice',
    guardsSshd: true,
  });
  assert.ok(read(t, 'in.telnetd: ALL: twist /bin/echo go away\n').fine);
});

test('it is seen whether a rule is for sshd', (t) => {
  for (const rule of ['ALL: ALL', 'vsftpd, sshd : 192.0.2.1', 'sshd@10.0.0.1: ALL'])
    assert.ok(read(t, `${rule}\n`).guardsSshd, rule);
  for (const rule of ['# sshd: ALL', 'vsftpd: ALL', 'in.telnetd: ALL', 'sshdfwd-x11: ALL'])
    assert.ok(!read(t, `${rule}\n`).guardsSshd, rule);
});

test('no rule, and no file: nobody is refused', (t) => {
  assert.match(read(t, '# nothing\n\n').text, /^has no rule: /);
  const missing = readHostsDeny('/nonexistent/hosts.deny');
  assert.ok(!missing.fine);
  assert.match(missing.text, /^does not exist: /);
});
