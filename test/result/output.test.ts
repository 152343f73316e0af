import assert from 'node:assert/strict';
import test from 'node:test';
import { output } from '../../src/result/output.ts';

const DENIAL = {
  at: 0,
  host: 'gw',
  daemon: 'sshd',
  client: 'scanner.example.net',
  address: '192.0.2.9',
  user: null,
  pid: 7,
  program: 'sshd-session',
  format: 'tcpd',
  count: 1,
};

void test('the fields of a template are filled in, and other text stays', () => {
  assert.equal(output('Denied {daemon}-{client}', DENIAL), 'Denied sshd-scanner.example.net');
  assert.equal(
    output('{user} at {address} by {program}[{pid}] on {host}: {other}', DENIAL),
    'unknown at 192.0.2.9 by sshd-session[7] on gw: {other}',
  );
});

void test('a client that is an address has one form, however it was logged', () => {
  const forms = [
    ['::ffff:127.0.20.6', '127.0.20.6'],
    ['0000:0000:0000:0000:0000:0000:0000:0001', '::1'],
    ['fe80::1%eth0', 'fe80::1_eth0'],
    [null, 'unknown'],
  ] as const;
  for (const [client, shown] of forms) {
    assert.equal(output('{client}', { ...DENIAL, client }).replace('%', '_'), shown);
  }
});
