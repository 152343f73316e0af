import assert from 'node:assert/strict';
import test from 'node:test';
import { Fold } from '../../src/fold/fold.ts';
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

void test('a FAIL line without the first one counts by itself', () => {
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
  const rest = [
    again.add(second(1), 'syslog'),
    again.add(first(1), 'daemon.log'),
    again.add(second(1), 'daemon.log'),
  ];
  assert.equal(before + total(rest), 1);
});
