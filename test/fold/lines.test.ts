import assert from 'node:assert/strict';
import test from 'node:test';
import { Fold } from '../../src/fold/fold.ts';
import type { Denial } from '../../src/parse/denial.ts';
import { denial, denialOf, OPTIONS, restarted, total } from './given.ts';

const EACH = { ...OPTIONS, window: 0 };
const first = (at: number) => denial(at, { daemon: 'in.telnetd', format: 'xinetd' });
const second = (at: number) => denial(at, { daemon: 'telnet', format: 'xinetd-fail' });

void test("xinetd's two lines are one denial by the first line's daemon", () => {
  const fold = new Fold(EACH, []);
  const alerts = [first(1), second(1)].flatMap((line) => fold.add(line, 'syslog').alerts);
  assert.deepEqual(
    alerts.map((alert) => denialOf(alert)?.daemon),
    ['in.telnetd'],
  );
});

void test('eight lines with one pid are four denials', () => {
  const fold = new Fold(EACH, []);
  const lines = [
    first(1),
    first(1),
    second(1),
    first(1),
    second(1),
    second(1),
    first(1),
    second(1),
  ];
  assert.equal(total(lines.flatMap((line) => fold.add(line, 'syslog').alerts)), 4);
});

void test('a FAIL line without the first one counts on its own', () => {
  const fold = new Fold(EACH, []);
  const lines = [first(1), second(1), second(1), second(60)];
  assert.equal(total(lines.flatMap((line) => fold.add(line, 'syslog').alerts)), 3);
});

void test('lines that are repeated by syslog pair with as many', () => {
  const fold = new Fold(EACH, []);
  const lines = [first(1), { ...first(2), count: 2 }, second(1), { ...second(2), count: 2 }];
  assert.equal(total(lines.flatMap((line) => fold.add(line, 'syslog').alerts)), 3);
});

void test('the pair is recognised in two logs and after a restart between its lines', () => {
  const fold = new Fold(EACH, []);
  fold.follow(['syslog', 'daemon.log']);
  const before = fold.add(first(1), 'syslog').count;
  const again = restarted(fold, EACH);
  again.follow(['syslog', 'daemon.log']);
  const rest = [
    again.add(second(1), 'syslog'),
    again.add(first(1), 'daemon.log'),
    again.add(second(1), 'daemon.log'),
  ];
  assert.equal(before + total(rest), 1);
});

const stunnel = (at: number, given: Partial<Denial> = {}) =>
  denial(at, { daemon: 'pop3s', program: 'stunnel', pid: null, format: 'stunnel', ...given });
const stderr = (at: number, given: Partial<Denial> = {}) =>
  stunnel(at, { program: 'stunnel4', pid: 2431, format: 'stunnel-stderr', ...given });

const sslh = (format: string, pid: number) => denial(1.2, { daemon: 'sslh', format, pid });

/** How many denials are counted of lines in one log. */
function counted(lines: readonly Denial[], fold = new Fold(EACH, [])): number {
  return total(lines.map((line) => fold.add(line, 'syslog')));
}

test('what a program writes to syslog and to standard error is one refusal, in any order', () => {
  assert.equal(counted([stunnel(1.1), stderr(1.1)]), 1);
  assert.equal(counted([stderr(1.1), stunnel(1.1)]), 1);
  assert.equal(counted([stunnel(1), stunnel(1), stderr(1), stderr(1)]), 2);
  assert.equal(counted([stunnel(1), stderr(1), stunnel(9), stderr(9)]), 2);
  assert.equal(counted([sslh('sslh', 5761), sslh('sslh-stderr', 5766)]), 1);
});

test('what only one of them has is counted, and other services and clients are others', () => {
  assert.equal(counted([stderr(1), stderr(2)]), 2);
  assert.equal(counted([stunnel(1), stunnel(2)]), 2);
  assert.equal(counted([stunnel(1), stderr(1, { daemon: 'imaps' })]), 2);
  assert.equal(counted([stunnel(1), stderr(1, { client: '192.0.2.1', address: '192.0.2.1' })]), 2);
  assert.equal(counted([stunnel(1), stderr(4)]), 2);
});

test("a program's own log and syslog have the same refusals", () => {
  const fold = new Fold(EACH, []);
  fold.follow(['syslog', 'own.log']);
  const own = { host: null, pid: null };
  for (const [format, daemon] of [
    ['mosquitto', 'mosquitto'],
    ['conman', 'conmand'],
    ['auditd', 'auditd'],
    ['stunnel', 'pop3s'],
  ] as const) {
    const both = [
      fold.add(denial(1.7, { format, daemon, pid: 7 }), 'syslog'),
      fold.add(denial(1, { ...own, format: `${format}-file`, daemon }), 'own.log'),
    ];
    assert.equal(total(both), 1, format);
  }
});

test('a program without a process number in syslog is the same in the journal, which has one', () => {
  const fold = new Fold(EACH, []);
  fold.follow(['syslog', 'journal']);
  const lines = [
    fold.add(denial(1, { format: 'bacula', pid: null }), 'syslog'),
    fold.add(denial(1.5, { format: 'bacula', pid: 2431, isPidLogged: false }), 'journal'),
  ];
  assert.equal(total(lines), 1);
});
