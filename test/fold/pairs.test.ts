import assert from 'node:assert/strict';
import test from 'node:test';
import { Fold } from '../../src/fold/fold.ts';
import { denial, OPTIONS, total } from './given.ts';

const EACH = { ...OPTIONS, window: 0 };

/** How many denials lines of these formats, one after another in a log, are counted as. */
function counted(...lines: readonly [format: string, pid: number | null][]): number {
  const fold = new Fold(EACH, []);
  return total(
    lines.flatMap(
      ([format, pid], n) =>
        fold.add(denial(1 + n / 100, { format, pid, daemon: 'pop3s' }), 'syslog').alerts,
    ),
  );
}

void test('what a program writes to syslog and to its standard error is one denial', () => {
  assert.equal(counted(['stunnel', null], ['stunnel-stderr', 2459]), 1);
  assert.equal(counted(['stunnel-stderr', 2459], ['stunnel', null], ['stunnel-file', null]), 1);
  assert.equal(counted(['sslh', 5807], ['sslh-stderr', 5807]), 1);
});

void test('what it writes only once counts on its own', () => {
  assert.equal(counted(['stunnel-stderr', 2459], ['stunnel-stderr', 2459]), 2);
  assert.equal(counted(['sslh', 5807], ['sslh', 5807], ['sslh-stderr', 5807]), 2);
});

void test("a program's own log file and its line in syslog are one denial", () => {
  for (const [one, other] of [
    ['xinetd', 'xinetd-file'],
    ['tcp_wrappers', 'apcupsd-file'],
    ['mosquitto', 'mosquitto-file'],
    ['conman', 'conman-file'],
    ['auditd', 'auditd-file'],
  ] as const) {
    const fold = new Fold(EACH, []);
    fold.follow(['syslog', 'own']);
    const lines = [
      ...fold.add(denial(1.2, { format: one }), 'syslog').alerts,
      ...fold.add(denial(1, { format: other, pid: null, host: null }), 'own').alerts,
    ];
    assert.equal(total(lines), 1, one);
  }
});

void test('a pid that only the journal knows does not make a denial of a text log another one', () => {
  const fold = new Fold(EACH, []);
  fold.follow(['syslog', 'journal']);
  const lines = [
    ...fold.add(denial(1.2, { pid: 77, isPidLogged: false }), 'journal').alerts,
    ...fold.add(denial(1.2, { pid: null }), 'syslog').alerts,
  ];
  assert.equal(total(lines), 1);
});
