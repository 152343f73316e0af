import assert from 'node:assert/strict';
import test from 'node:test';
import { hostOf, networkDropIn } from '../../src/survey/network.ts';

test('the host of a monitor is found in whatever form it is given', () => {
  const hosts: Record<string, string | null> = {
    monitor: 'monitor',
    'monitor:5667': 'monitor',
    '[2001:db8::7]:5667': '2001:db8::7',
    'https://monitor.example/nrdp/': 'monitor.example',
    'icinga2://192.0.2.7:5665': '192.0.2.7',
    '/var/lib/nagios4/rw/nagios.cmd': null,
  };
  for (const [monitor, host] of Object.entries(hosts)) assert.equal(hostOf(monitor), host, monitor);
});

test('the drop-in allows the monitors and this machine, and nothing else', async () => {
  assert.deepEqual(
    await networkDropIn(['192.0.2.7:5667', 'https://[2001:db8::7]/nrdp/', '/spool']),
    [
      '[Service]',
      'IPAddressDeny=any',
      'IPAddressAllow=localhost',
      'IPAddressAllow=192.0.2.7',
      'IPAddressAllow=2001:db8::7',
    ],
  );
});
