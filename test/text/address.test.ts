import assert from 'node:assert/strict';
import { isIP, SocketAddress } from 'node:net';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import { addressOf, ipVersion, shownClient } from '../../src/text/address.ts';

void test('an address has one form, however it is written', () => {
  const forms: [string, string][] = [
    ['192.0.2.9', '192.0.2.9'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::', '::'],
    ['1::', '1::'],
    ['::ffff:192.0.2.9', '192.0.2.9'],
    ['::FFFF:c000:209', '192.0.2.9'],
    ['0:0:0:0:0:ffff:192.0.2.9', '192.0.2.9'],
    ['0000:0000:0000:0000:0000:ffff:c000:0209', '192.0.2.9'],
    ['::ffff:192.0.2.9%eth0', '192.0.2.9'],
    ['FE80::1%eth0', 'fe80::1%eth0'],
    ['fe80:0:0:0:21d:9ff:fe33:f7a2%br-lan.7', 'fe80::21d:9ff:fe33:f7a2%br-lan.7'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ];
  for (const [text, canonical] of forms) assert.equal(addressOf(text), canonical, text);
});

void test('a name is no address, even if it looks like one', () => {
  for (const name of ['', 'host.example', '10.0.0.1.attacker.example', '1.2.3', '::1::', '[::1]']) {
    assert.equal(addressOf(name), null, name);
  }
});

void test('the form is the one that the system writes, for any address', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const system = new SocketAddress({ address: text, family: 'ipv6' }).address;
      // The system has IPv4 at the end of some that RFC 5952 leaves as they are.
      if (system.includes('.')) return;
      assert.equal(addressOf(text), system);
    }),
  );
});

void test('a client is shown by its address where it is one, else by its name', () => {
  assert.equal(shownClient('::ffff:127.0.20.6'), '127.0.20.6');
  assert.equal(shownClient('scanner.example.net'), 'scanner.example.net');
  assert.equal(shownClient(null), null);
});

void test('what an address is, Node says too', () => {
  const near = fc.stringMatching(/^[0-9a-f.:%]{1,20}$/);
  const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain(), fc.string(), near);
  const changed = fc
    .tuple(text, fc.nat(40), fc.constantFrom('', '0', '.', ':', '::', '256', '\n', '%', ' '))
    .map(([whole, at, more]) => whole.slice(0, at) + more + whole.slice(at + 1));
  fc.assert(
    fc.property(fc.oneof(text, changed), (one) => assert.equal(ipVersion(one), isIP(one), one)),
    { numRuns: 5000 },
  );
});
