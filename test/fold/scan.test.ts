import assert from 'node:assert/strict';
import test from 'node:test';
import { Fold } from '../../src/fold/fold.ts';
import { addAll, denial, OPTIONS, restarted, short, textOf } from './given.ts';

const SCAN = { ...OPTIONS, scan: { daemons: 3, window: 60_000, network: 4, hosts: null } };
const by = (at: number, daemon: string) => denial(at, { daemon });
const from = (at: number, client: string) => denial(at, { client });

void test('a client refused by several daemons in a short time is reported as a scan', () => {
  const reported = addAll(new Fold(SCAN, []), [
    by(0, 'sshd'),
    by(4, 'in.telnetd'),
    by(10, 'vsftpd'),
  ]);
  assert.deepEqual(reported, [
    '0 denial 1',
    '4 denial 1',
    '10 scan 1: Port scan from 203.0.113.7: refused by sshd, in.telnetd, vsftpd in 10s',
  ]);
});

void test('while a scan goes on its denials are reported in growing windows', () => {
  const fold = new Fold(SCAN, []);
  const daemons = ['sshd', 'in.telnetd', 'vsftpd', 'slapd', 'snmpd', 'rpcbind', 'in.ftpd', 'socat'];
  addAll(
    fold,
    daemons.slice(0, 3).map((daemon) => by(0, daemon)),
  );
  assert.deepEqual(
    addAll(
      fold,
      daemons.map((daemon) => by(30, daemon)),
    ),
    [],
  );
  assert.equal(fold.open(), 8);
  assert.deepEqual(addAll(fold, [by(70, 'sshd'), by(80, 'sshd')]), [
    '60 scan 8: Port scan from 203.0.113.7: 8 more, refused by ' +
      'sshd, in.telnetd, vsftpd, slapd, snmpd and 3 more in 60s',
  ]);
  assert.deepEqual(fold.advance(180_000).map(short), [
    '180 scan 2: Port scan from 203.0.113.7: 2 more, refused by sshd in 2m',
  ]);
  fold.advance(10_000_000);
  assert.equal(fold.next(), null);
  assert.deepEqual(addAll(fold, [by(20_000, 'sshd')]), ['20000 denial 1']);
});

void test('several daemons over a longer time are no scan', () => {
  const fold = new Fold(SCAN, []);
  const reported = addAll(fold, [by(0, 'sshd'), by(40, 'in.telnetd'), by(61, 'vsftpd')]);
  assert.equal(reported.filter((alert) => alert.includes('scan')).length, 0);
});

void test('a daemon that is refused again and again counts by the last time', () => {
  const fold = new Fold(SCAN, []);
  const reported = addAll(fold, [
    by(0, 'sshd'),
    by(50, 'sshd'),
    by(70, 'in.ftpd'),
    by(90, 'vsftpd'),
  ]);
  assert.match(reported.at(-1) ?? '', /Port scan/);
});

void test('several clients of one network refused by one daemon are a scan too', () => {
  for (const net of ['198.51.100.', '2001:db8:0:7::', '2001:0db8::7:a:b:c:']) {
    const fold = new Fold(SCAN, []);
    const reported = addAll(
      fold,
      [1, 2, 3, 4, 5].map((i) => from(i, `${net}${i}`)),
    );
    const name = net.includes('.') ? '198.51.100.0/24' : '2001:db8:0:7::/64';
    assert.equal(
      reported.at(-1),
      `4 network-scan 1: Scan from ${name}: 4 clients refused by sshd in 3s`,
    );
    assert.deepEqual(fold.advance(64_000).map(short), [
      `64 network-scan 1: Scan from ${name}: 1 more from 1 client, refused by sshd in 60s`,
    ]);
  }
});

void test('clients of different networks are no scan', () => {
  const fold = new Fold(SCAN, []);
  const reported = addAll(
    fold,
    [1, 2, 3, 4, 5].map((i) => from(1, `198.51.${i}.1`)),
  );
  assert.ok(reported.every((alert) => alert.includes('denial')));
});

void test('a scan that is half seen, or reported, outlives a restart', () => {
  let fold = new Fold(SCAN, []);
  addAll(fold, [by(0, 'sshd'), by(1, 'in.telnetd')]);
  fold = restarted(fold, SCAN);
  assert.equal(addAll(fold, [by(2, 'vsftpd'), by(3, 'sshd')]).length, 1);
  fold = restarted(fold, SCAN);
  assert.equal(fold.open(), 1);
  assert.deepEqual(addAll(fold, [by(4, 'slapd')]), []);
  assert.equal(fold.advance(62_000)[0]?.count, 2);
});

void test('what a scan counted is reported though scans are turned off meanwhile', () => {
  const fold = new Fold(SCAN, []);
  addAll(
    fold,
    ['sshd', 'in.telnetd', 'vsftpd', 'slapd'].map((daemon) => by(0, daemon)),
  );
  const off = restarted(fold, OPTIONS);
  assert.equal(off.open(), 1);
  assert.equal(off.advance(60_000)[0]?.count, 1);
});

void test('names in the text of a scan are made safe', () => {
  const client = 'a;b`$(c)|d';
  const daemons = ['x\u001b[2J', 'y\n', 'z'];
  const denials = daemons.map((daemon) => denial(0, { client, address: null, daemon }));
  const reported = addAll(new Fold(SCAN, []), denials).at(-1);
  assert.equal(reported, '0 scan 1: Port scan from a_b___c__d: refused by x_[2J, y_, z in 1s');
});

void test('more members than are kept individually are reported as at least that many', () => {
  const fold = new Fold(SCAN, []);
  const daemons = Array.from({ length: 200 }, (_, i) => by(1, `d${i}`));
  addAll(fold, daemons);
  assert.equal(
    fold.advance(61_000).map(textOf).join(),
    'Port scan from 203.0.113.7: 197 more, refused by d3, d4, d5, d6, d7 and at least 27 more in 60s',
  );
});

void test('a scan is reported in time though another log is far behind', () => {
  const fold = new Fold(SCAN, []);
  fold.follow(['auth.log', 'syslog']);
  const daemons = ['sshd', 'in.telnetd', 'vsftpd', 'slapd'];
  addAll(
    fold,
    daemons.map((daemon) => by(100, daemon)),
  );
  assert.deepEqual(addAll(fold, [by(165, 'sshd')]), [
    '160 scan 1: Port scan from 203.0.113.7: 1 more, refused by slapd in 60s',
  ]);
});

void test('a daemon refused a whole window ago is none of a scan, also where another log is behind', () => {
  const behind = new Fold(SCAN, []);
  behind.follow(['auth.log', 'syslog']);
  for (const fold of [new Fold(SCAN, []), behind]) {
    const reported = addAll(fold, [by(1, 'sshd'), by(1, 'in.telnetd'), by(61, 'vsftpd')]);
    assert.equal(reported.at(-1), '61 denial 1');
  }
});

void test('a scan does not name hosts of what was forgotten', () => {
  const behind = new Fold(SCAN, []);
  behind.follow(['auth.log', 'syslog']);
  const daemons = ['sshd', 'in.telnetd', 'vsftpd'];
  for (const fold of [new Fold(SCAN, []), behind]) {
    fold.add(denial(1, { host: 'db' }), 'auth.log');
    const alerts = daemons.flatMap((daemon) => fold.add(by(61, daemon), 'auth.log').alerts);
    const last = alerts.at(-1);
    assert.equal(last?.kind === 'scan' && last.host, 'gw');
  }
});
