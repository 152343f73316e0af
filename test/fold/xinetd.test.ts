import assert from 'node:assert/strict';
import test from 'node:test';
import { Fold } from '../../src/fold/fold.ts';
import { denial, OPTIONS, restarted, total } from './given.ts';

const EACH = { ...OPTIONS, window: 0 };
const first = (at: number) => denial(at, { daemon: 'in.telnetd', format: 'xinetd' });
const second = (at: number) => denial(at, { daemon: 'telnet', format: 'xinetd-fail' });

void test("xinetd's two lines are one denial by the first line's daemon", () => {
  const fold = new Fold(EACH, []);
  const alerts = [first(1), second(1)].flatMap((line) => fold.add(line, 'syslog'));
  assert.deepEqual(
    alerts.map((alert) => alert.denial?.daemon),
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
  assert.equal(total(lines.flatMap((line) => fold.add(line, 'syslog'))), 4);
});

void test('a FAIL line without the first one counts by itself', () => {
  const fold = new Fold(EACH, []);
  const lines = [first(1), second(1), second(1), second(60)];
  assert.equal(total(lines.flatMap((line) => fold.add(line, 'syslog'))), 3);
});

void test('lines that are repeated by syslog pair with as many', () => {
  const fold = new Fold(EACH, []);
  const lines = [first(1), { ...first(2), count: 2 }, second(1), { ...second(2), count: 2 }];
  assert.equal(total(lines.flatMap((line) => fold.add(line, 'syslog'))), 3);
});

void test('the pair is recognised in two logs and after a restart between its lines', () => {
  const fold = new Fold(EACH, []);
  fold.follow(['syslog', 'daemon.log']);
  let alerts = fold.add(first(1), 'syslog');
  const again = restarted(fold, EACH);
  alerts = [...alerts, ...again.add(second(1), 'syslog')];
  alerts = [...alerts, ...again.add(first(1), 'daemon.log'), ...again.add(second(1), 'daemon.log')];
  assert.equal(total(alerts), 1);
});
