import assert from 'node:assert/strict';
import test from 'node:test';
import type { RuleConfig } from '../../src/result/rules-config.ts';
import { firstRule, type Subject } from '../../src/result/rules.ts';

const ALL: RuleConfig['if'] = { daemon: [], client: [], user: [], host: [], hour: [] };

const rule = (given: Partial<RuleConfig['if']>, service = 'found'): RuleConfig => ({
  if: { ...ALL, ...given },
  ignore: false,
  state: null,
  service,
  host: null,
  output: null,
});

const SUBJECT: Subject = {
  at: new Date(2026, 10, 22, 21, 15).getTime(),
  host: 'gw',
  daemon: 'sshd',
  client: 'scanner.example.org',
  address: '203.0.113.7',
  user: null,
};

/** Whether a rule with these conditions is for this subject. */
const matches = (given: Partial<RuleConfig['if']>, subject: Partial<Subject> = {}) =>
  firstRule([rule(given)])({ ...SUBJECT, ...subject }) !== undefined;

const isFrom = (client: string, address: string | null) =>
  matches({ client: [client] }, { address });

const hoursOf = (from: number, to: number) =>
  [0, 5, 6, 8, 17, 18, 22, 23].filter((hour) => matches({ hour: [{ from, to }] }, clock(hour)));

const clock = (hour: number) => ({ at: new Date(2026, 10, 22, hour, 59).getTime() });

test('the first rule that matches counts', () => {
  const rules = [rule({ daemon: ['vsftpd'] }, 'a'), rule({ user: ['root'] }, 'b'), rule({}, 'c')];
  const service = (subject: Partial<Subject>) => firstRule(rules)({ ...SUBJECT, ...subject });
  assert.equal(service({ daemon: 'vsftpd', user: 'root' })?.service, 'a');
  assert.equal(service({ user: 'root' })?.service, 'b');
  assert.equal(service({})?.service, 'c');
  assert.equal(firstRule([])(SUBJECT), undefined);
});

test('a rule wants all of its conditions, and one of each', () => {
  const given = { daemon: ['vsftpd', 'sshd'], host: ['gw'] };
  assert.ok(matches(given));
  assert.ok(!matches(given, { host: 'www' }));
  assert.ok(!matches(given, { host: null }));
  assert.ok(!matches(given, { daemon: 'in.telnetd' }));
});

test('a name may have * in it, and is found whole, in upper or lower case', () => {
  assert.ok(matches({ daemon: ['SSH*'] }));
  assert.ok(matches({ client: ['*.example.org'] }));
  assert.ok(!matches({ client: ['example.org'] }));
  assert.ok(!matches({ client: ['*.example.org'] }, { client: 'scanner.example.org.evil.net' }));
  assert.ok(matches({ client: ['203.0.*'] }), 'an address is a name too');
  assert.ok(!matches({ client: ['203.0.1.3.*'] }), 'a dot is a dot');
});

test('addresses and networks are compared as numbers', () => {
  assert.ok(isFrom('203.0.113.7', '203.0.113.7'));
  assert.ok(!isFrom('203.0.113.7', '203.0.113.70'));
  assert.ok(isFrom('203.0.112.0/22', '203.0.115.255'));
  assert.ok(!isFrom('203.0.112.0/22', '203.0.116.0'));
  assert.ok(isFrom('2001:db8::1', '2001:0DB8:0:0::1'));
  assert.ok(isFrom('2001:db8::/32', '2001:db8:ffff::1'));
  assert.ok(!isFrom('2001:db8::/32', '2001:db9::1'));
  assert.ok(isFrom('fe80::/10', 'fe80::1%eth0'));
  assert.ok(isFrom('0.0.0.0/0', '8.8.8.8'));
  assert.ok(!isFrom('0.0.0.0/0', '2001:db8::1'));
  assert.ok(!isFrom('10.0.0.0/8', null));
});

test('hours are of the local day, and may go over midnight', () => {
  assert.deepEqual(hoursOf(8, 18), [8, 17]);
  assert.deepEqual(hoursOf(22, 6), [0, 5, 22, 23]);
  assert.deepEqual(hoursOf(18, 24), [18, 22, 23]);
});
