import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import type { Denial } from '../../src/parse/denial.ts';
import { output } from '../../src/result/output.ts';
import { safe } from '../../src/text/name.ts';

void test('names, addresses and usual ident users are shown as they are', () => {
  for (const name of [
    'sshd',
    'host-1.example.net',
    '2001:db8::7',
    'fe80::1%eth0',
    'x@a_b',
    '[U2Fs+/=]',
  ]) {
    assert.equal(safe(name), name);
  }
});

void test('what a monitor, a shell, a page or a terminal would act on becomes an underscore', () => {
  assert.equal(safe('`id`;$(id)|x&'), '_id____id__x_');
  assert.equal(safe('<b>"it\'s"\\ \t\r\n\0\u001b[2J~!*?{}^'), '_b__it_s________[2J_______');
  assert.equal(safe('caf\u00e9\u202e\u{1f600}\ud800'), 'caf____');
});

void test('a missing name is unknown, and one that is too long is cut visibly', () => {
  assert.equal(safe(null), 'unknown');
  assert.equal(safe(''), 'unknown');
  assert.equal(safe('x'.repeat(127)), 'x'.repeat(127));
  assert.equal(safe('x'.repeat(128)), `${'x'.repeat(124)}...`);
});

void test('whatever the text, nothing else gets through', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const shown = safe(text);
      assert.match(shown, /^[\w.:%@+,/=#[\]-]{1,127}$/);
      assert.equal(safe(shown), shown);
    }),
  );
});

void test('a template is filled with fields made safe', () => {
  const denial: Denial = {
    at: 0,
    host: 'gw',
    daemon: 'sshd',
    client: 'a|b',
    address: null,
    user: '{daemon}',
    pid: 7,
    program: 'sshd',
    format: 'tcpd',
    count: 1,
  };
  assert.equal(output('Denied {daemon}-{client}', denial), 'Denied sshd-a_b');
  assert.equal(
    output('{user} {address} {pid} {host} {other}', denial),
    '_daemon_ unknown 7 gw {other}',
  );
});
