import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { findSilent } from '../../src/survey/silent.ts';
import { tempDir } from '../support/temp.ts';

/** The names of silent programs on a machine with these processes and files. */
function silentOf(
  t: TestContext,
  processes: readonly string[],
  files: Readonly<Record<string, string>> = {},
): string[] {
  const dir = tempDir(t);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  for (const [n, name] of processes.entries()) write(`proc/${n + 1}/comm`, `${name}\n`);
  for (const [path, text] of Object.entries(files)) write(path, text);
  return findSilent(join(dir, 'proc'), dir).map(({ program }) => program);
}

void test('a program that never logs a refusal is named where it runs', (t) => {
  assert.deepEqual(silentOf(t, ['systemd', 'snmptrapd', 'sshd', 'conserver', 'conserver']), [
    'snmptrapd',
    'conserver',
  ]);
  assert.deepEqual(silentOf(t, ['systemd', 'sshd']), []);
});

void test('slapd is silent at the log level that Debian sets', (t) => {
  const config = 'etc/ldap/slapd.d/cn=config.ldif';
  assert.deepEqual(silentOf(t, ['slapd'], { [config]: 'olcLogLevel: none\n' }), ['slapd']);
  assert.deepEqual(silentOf(t, ['slapd']), ['slapd']);
  assert.deepEqual(silentOf(t, ['slapd'], { [config]: 'olcLogLevel: stats sync\n' }), []);
  assert.deepEqual(silentOf(t, ['slapd'], { 'etc/ldap/slapd.conf': 'loglevel 256\n' }), []);
});

void test('proftpd is silent where mod_wrap is loaded and no facility is set', (t) => {
  const modules = { 'etc/proftpd/modules.conf': 'LoadModule mod_wrap.c\n' };
  assert.deepEqual(silentOf(t, ['proftpd'], modules), ['proftpd']);
  assert.deepEqual(
    silentOf(t, ['proftpd'], {
      ...modules,
      'etc/proftpd/conf.d/log.conf': 'SyslogFacility AUTH\n',
    }),
    [],
  );
  assert.deepEqual(silentOf(t, ['proftpd']), []);
});

void test('vsftpd is silent where it logs to syslog', (t) => {
  assert.deepEqual(silentOf(t, ['vsftpd'], { 'etc/vsftpd.conf': 'syslog_enable=YES\n' }), [
    'vsftpd',
  ]);
  assert.deepEqual(silentOf(t, ['vsftpd'], { 'etc/vsftpd.conf': '#syslog_enable=YES\n' }), []);
});

void test('danted is silent without debug', (t) => {
  assert.deepEqual(silentOf(t, ['danted'], { 'etc/danted.conf': 'logoutput: syslog\n' }), [
    'danted',
  ]);
  assert.deepEqual(silentOf(t, ['danted'], { 'etc/danted.conf': 'debug: 1\n' }), []);
});
