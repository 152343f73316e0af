import assert from 'node:assert/strict';
import test from 'node:test';
import { Parser, type Carry } from '../../src/parse/parser.ts';
import type { Unseen } from '../../src/parse/unseen.ts';

const HEADER = '2026-11-22T21:56:43Z gw';
const AT = Date.UTC(2026, 10, 22, 21, 56, 43);
const sshd = (message: string, pid = 97) => `${HEADER} sshd[${pid}]: ${message}\n`;
const drop = (words: string) =>
  sshd(`drop connection #10 from [192.0.2.9]:34724 on [192.0.2.1]:22 ${words}`);

function read(parser: Parser, ...lines: string[]): Unseen[] {
  const unseen: Unseen[] = [];
  const bytes = Buffer.from(lines.join(''));
  parser.read(
    { stream: 'log', bytes },
    {
      denial: ({ client }) => assert.fail(`a denial of ${client}`),
      unseen: (each) => unseen.push(each),
    },
  );
  return unseen;
}

const counts = (...lines: string[]) => read(new Parser(), ...lines).map(({ count }) => count);

void test('a connection that sshd drops is unseen, and no denial', () => {
  const base = { at: AT, host: 'gw', program: 'sshd', why: 'max-startups' };
  assert.deepEqual(read(new Parser(), drop('Maxstartups')), [{ ...base, count: 1 }]);
  assert.deepEqual(counts(drop('MaxStartups'), drop('past MaxStartups')), [1, 1]);
  assert.deepEqual(
    counts(sshd('Maxstartups logging rate-limited: additional 4 connections dropped')),
    [4],
  );
});

void test('what sshd drops for a penalty was let in before, and is not counted', () => {
  assert.deepEqual(
    counts(
      drop('penalty: failed authentication'),
      sshd('PerSourcePenalties logging rate-limited: additional 4 connections dropped'),
    ),
    [],
  );
});

void test('a total of sshd counts only what earlier lines did not', () => {
  const lines = [
    sshd('error: beginning MaxStartups throttling'),
    drop('past MaxStartups'),
    sshd('error: in MaxStartups throttling for 00:05:12, 30 connections dropped'),
    drop('past MaxStartups'),
    sshd('exited MaxStartups throttling after 00:06:30, 42 connections dropped'),
  ];
  assert.deepEqual(counts(...lines), [1, 28, 1, 12]);
  assert.deepEqual(counts(...lines, ...lines), [1, 28, 1, 12, 1, 28, 1, 12]);
  // The log of another process says nothing about this one's.
  assert.deepEqual(counts(...lines.slice(0, 2), sshd(lines[4]!.slice(34, -1), 98)), [1, 42]);
});

void test('a total is understood after a restart too', () => {
  const before = new Parser();
  read(before, sshd('error: beginning MaxStartups throttling'), drop('past MaxStartups'));
  const carry = JSON.parse(JSON.stringify(before.carry('log'))) as Carry;
  const after = new Parser();
  after.restore('log', carry);
  const exited = sshd('exited MaxStartups throttling after 00:00:30, 7 connections dropped');
  assert.equal(read(after, exited)[0]?.count, 6);
  assert.equal(after.carry('log'), null);
});

void test('messages that journald or rsyslog threw away are unseen, with whose they were', () => {
  const said = [
    'systemd-journald[312]: Suppressed 65000 messages from ssh.service',
    'systemd-journal[312]: Suppressed 917 messages from /system.slice/sshd.service',
    'rsyslogd: imjournal: 236 messages lost due to rate-limiting (20000 allowed within 600 seconds)',
    'rsyslogd-2177: imuxsock lost 12 messages from pid 97 due to rate-limiting',
    'rsyslogd: imuxsock[pid: 57, name: /usr/sbin/sshd]: 44 messages lost due to rate-limiting (200 allowed within 5 seconds)',
    'rsyslogd[880]: imuxsock[pid 97]: 3 messages lost due to rate-limiting [v8.2504.0]',
    'rsyslogd: imjournal: begin to drop messages due to rate-limiting',
    'app: Suppressed 10 messages from ssh.service',
  ];
  const unseen = read(new Parser(), ...said.map((text) => `${HEADER} ${text}\n`));
  assert.deepEqual(
    unseen.map(({ count, program, why }) => [count, program, why]),
    [
      [65000, 'ssh.service', 'journald-rate-limit'],
      [917, '/system.slice/sshd.service', 'journald-rate-limit'],
      [236, null, 'rsyslog-rate-limit'],
      [12, null, 'rsyslog-rate-limit'],
      [44, '/usr/sbin/sshd', 'rsyslog-rate-limit'],
      [3, null, 'rsyslog-rate-limit'],
    ],
  );
});

void test('what a user sends to the journal in the name of sshd is not counted', () => {
  const record = { MESSAGE: drop('Maxstartups').slice(34, -1), SYSLOG_IDENTIFIER: 'sshd' };
  const by = (fields: object) => `${JSON.stringify({ ...record, ...fields })}\n`;
  assert.deepEqual(counts(by({ _UID: '0', _COMM: 'sshd', _EXE: '/usr/sbin/sshd' })), [1]);
  assert.deepEqual(counts(by({ _UID: '1000', _COMM: 'logger' })), []);
});
