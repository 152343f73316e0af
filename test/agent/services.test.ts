import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { loadConfig } from '../../src/agent/config.ts';
import { servicesOf } from '../../src/agent/services.ts';
import { tempDir } from '../support/temp.ts';

function services(t: TestContext, text: string): string[] {
  const path = join(tempDir(t), 'denywatch.yaml');
  writeFileSync(path, `sources: [{ file: /var/log/auth.log }]\n${text}`);
  return servicesOf(loadConfig(path, {}).config).map(({ host, service }) => `${host}!${service}`);
}

void test('a host with rules and a heartbeat reports to each of these services once', (t) => {
  const text = `
host: gw
rules:
  - { if: { daemon: sshd }, service: SSH }
  - { if: { daemon: smtpd }, service: SSH, host: mail }
  - { if: { daemon: ftpd }, ignore: true, service: FTP }
  - { if: { daemon: imapd }, state: warning }
heartbeat: { service: agent }
`;
  assert.deepEqual(services(t, text), ['gw!TCP Wrappers', 'gw!SSH', 'mail!SSH', 'gw!agent']);
});

void test('a log host reports under the names that its configuration has', (t) => {
  const text = `
host: '{host}'
hosts: { map: { web1: www }, other: others }
`;
  assert.deepEqual(services(t, text), ['others!TCP Wrappers', 'www!TCP Wrappers']);
});
