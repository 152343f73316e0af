import assert from 'node:assert/strict';
import test from 'node:test';
import { hostNames } from '../../src/result/host-names.ts';

const HOSTS = { allow: null, map: new Map<string, string>(), other: 'loghost', longest: 63 };

test('without {host} every alert is of the one host', () => {
  assert.equal(hostNames({ host: 'firestorm', hosts: HOSTS })('web1'), 'firestorm');
});

test('with {host} each logging host has its own name, cleaned', () => {
  const name = hostNames({ host: '{host}', hosts: HOSTS });
  assert.equal(name('web1.example.org'), 'web1.example.org');
  assert.equal(name('a;b\n'), 'a_b_');
  assert.equal(name(null), 'loghost');
});

test('a logging host can have another name in the monitor', () => {
  const map = new Map([['ip-10-0-0-1', 'db1']]);
  const name = hostNames({ host: '{host}', hosts: { ...HOSTS, map } });
  assert.equal(name('ip-10-0-0-1'), 'db1');
  assert.equal(name('ip-10-0-0-2'), 'ip-10-0-0-2');
});

test('a host that is not on the allow-list cannot speak as another', () => {
  const hosts = { ...HOSTS, allow: ['web*', 'db1.example.org'], map: new Map([['gw', 'gateway']]) };
  const name = hostNames({ host: '{host}', hosts });
  assert.deepEqual(['web7', 'DB1.example.org', 'db1xexample.org', 'evil', 'gw'].map(name), [
    'web7',
    'db1.example.org',
    'loghost',
    'loghost',
    'gateway',
  ]);
});

test('a name that the list or the map has is spelt as there', () => {
  const map = new Map([
    ['ip-10-0-0-1', 'db1'],
    ['mx*', 'mail'],
  ]);
  const hosts = { ...HOSTS, allow: ['web1', 'app*'], map };
  const name = hostNames({ host: '{host}', hosts });
  assert.deepEqual(['WEB1', 'APP2', 'IP-10-0-0-1', 'Mx3', 'WEB2'].map(name), [
    'web1',
    'APP2',
    'db1',
    'mail',
    'loghost',
  ]);
});

test('a name that is longer than the monitors can carry is reported under the other one', () => {
  const name = hostNames({ host: 'log-{host}', hosts: HOSTS });
  assert.equal(name('a'.repeat(59)), `log-${'a'.repeat(59)}`);
  assert.equal(name('a'.repeat(60)), 'loghost');
  const listed = { ...HOSTS, allow: ['a*'], longest: 10 };
  assert.equal(hostNames({ host: '{host}', hosts: listed })('a'.repeat(11)), 'loghost');
});
