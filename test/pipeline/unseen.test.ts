import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { pino } from 'pino';
import { UnseenWarnings } from '../../src/pipeline/unseen-warnings.ts';
import type { UnseenCount } from '../../src/queue/history.ts';
import { given } from '../support/pipeline.ts';
import { tempDir } from '../support/temp.ts';

const AUTH = '/var/log/auth.log';
const SYSLOG = '/var/log/syslog';
const HOUR = 3_600_000;
const AT = Date.UTC(2026, 10, 22, 21, 15);
const NOW = () => AT + 60_000;
const EVER = { since: 0, until: Infinity, host: null };

const sshd = (message: string, second: number) =>
  `${new Date(AT + second * 1000).toISOString()} gw sshd[97]: ${message}`;
const LINES = [
  sshd('error: beginning MaxStartups throttling', 0),
  sshd('drop connection #10 from [192.0.2.1]:34724 on [192.0.2.9]:22 Maxstartups', 0),
  sshd('drop connection #11 from [192.0.2.1]:34725 on [192.0.2.9]:22 Maxstartups', 1),
  sshd('Maxstartups logging rate-limited: additional 40 connections dropped', 5),
  sshd('exited MaxStartups throttling after 00:00:12, 45 connections dropped', 12),
];
const journald = `${new Date(AT).toISOString()} gw systemd-journald[7]: Suppressed 120 messages from ssh.service`;

test('what sshd dropped unseen is counted by hour and in the totals, and makes no alert', (t) => {
  const { queue, offer, results, pipeline } = given(t, [AUTH], { now: NOW });
  offer(AUTH, [...LINES, journald]);
  assert.equal(results().length, 0);
  assert.equal(pipeline.state().denials, 0);
  const { denials, unseenConnections, unseenMessages } = queue.overview.totals();
  assert.deepEqual([denials, unseenConnections, unseenMessages], [undefined, 45, 120]);
  const seen = queue.history.unseen({ since: AT, until: AT + 1, host: null });
  assert.deepEqual({ ...seen }, { connections: 45, messages: 120 });
  const before = queue.history.unseen({ since: AT - 2 * HOUR, until: AT - HOUR, host: null });
  assert.deepEqual({ ...before }, { connections: 0, messages: 0 });
  assert.equal(queue.history.unseen({ ...EVER, host: 'web' }).connections, 0);
});

test('the same words in two logs are counted once, also where a restart is between', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const first = given(t, [AUTH, SYSLOG], { now: NOW, path });
  first.offer(AUTH, LINES);
  const again = given(t, [AUTH, SYSLOG], { now: NOW, path });
  again.offer(SYSLOG, LINES);
  assert.equal(again.queue.overview.totals()['unseenConnections'], 45);
});

test('words that could not be stored and are offered again are counted once', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const { queue, offer } = given(t, [AUTH], { now: NOW, path });
  offer(AUTH, []);
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec("CREATE TRIGGER full BEFORE INSERT ON total BEGIN SELECT RAISE(ABORT, 'full'); END");
  assert.throws(() => offer(AUTH, LINES), /full/);
  other.exec('DROP TRIGGER full');
  offer(AUTH, LINES);
  assert.equal(queue.overview.totals()['unseenConnections'], 45);
});

test('a period has one warning, and periods grow while it goes on', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const said: string[] = [];
  const write = (text: string) => void said.push((JSON.parse(text) as { msg: string }).msg);
  const warnings = new UnseenWarnings(pino({ base: null }, { write }));
  const one: UnseenCount = { hour: 0, host: 'gw', program: 'sshd', why: 'max-startups', count: 4 };
  for (let second = 0; second < 200; second++) {
    warnings.add(one);
    t.mock.timers.tick(1000);
  }
  const counts = said.map(
    (text) => /^sshd dropped at least (\d+) connections before/.exec(text)?.[1],
  );
  assert.deepEqual(counts, ['240', '480']);
  warnings.add({ ...one, program: 'ssh.service', why: 'journald-rate-limit', count: 1 });
  warnings.close();
  assert.match(said[2] ?? '', /^sshd dropped at least 80 connections/);
  assert.match(said[3] ?? '', /^journald suppressed at least 1 message of ssh\.service: /);
  t.mock.timers.tick(HOUR);
  assert.equal(said.length, 4);
});
