import assert from 'node:assert/strict';
import test from 'node:test';
import type { Snapshot } from '../../src/agent/state.ts';
import { metricsText } from '../../src/agent/metrics.ts';
import { DaemonCounts } from '../../src/pipeline/daemon-counts.ts';
import { groupKey } from '../../src/queue/history.ts';

const FINE = { connected: false, lastDelivered: null, lastError: null, next: null, protocol: null };
const ROW = { failures: 0, next: 0, kind: null, message: null };
const SNAPSHOT: Snapshot = {
  at: 1_800_000_000_000,
  agent: {
    pid: 1,
    since: 1_799_999_000_500,
    handled: 9,
    denials: 5,
    alerts: 2,
    open: 1,
    suspicious: 0,
    daemons: [
      { daemon: 'sshd', denials: 4 },
      { daemon: 'in.telnetd', denials: 1 },
    ],
    streams: [
      { stream: '/var/log/auth.log', behind: 120, problem: null },
      { stream: 'journal', behind: null, problem: 'journalctl is missing' },
    ],
    monitors: [
      { name: 'a:5667', ...FINE },
      { name: 'b:5667', ...FINE, next: 1_800_000_060_000 },
    ],
  },
  queue: [
    {
      name: 'a:5667',
      ...ROW,
      delivered: 7,
      last: 1_799_999_990_000,
      waiting: 0,
      setAside: 0,
      oldest: null,
    },
    {
      name: 'b:5667',
      ...ROW,
      delivered: 0,
      last: null,
      waiting: 3,
      setAside: 1,
      oldest: 1_799_999_500_000,
    },
  ],
  totals: { denials: 55, alerts: 12, ignored: 3 },
};
const PROCESS = { version: '1.2.3', node: '26.0.0', resident: 6e7, cpu: 1.25, queueSize: 4096 };

/** The samples of a text, by name and labels. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]));
}

test('what is counted and how each monitor and source is, with its unit in the name', () => {
  const values = samples(metricsText(SNAPSHOT, PROCESS));
  const expected = {
    'denywatch_denials_total{daemon="sshd"}': 4,
    denywatch_alerts_total: 12,
    denywatch_ignored_denials_total: 3,
    denywatch_dropped_results_total: 0,
    'denywatch_monitor_up{monitor="a:5667"}': 1,
    'denywatch_monitor_up{monitor="b:5667"}': 0,
    'denywatch_results_waiting{monitor="b:5667"}': 3,
    'denywatch_oldest_waiting_timestamp_seconds{monitor="b:5667"}': 1_799_999_500,
    'denywatch_last_delivery_timestamp_seconds{monitor="a:5667"}': 1_799_999_990,
    'denywatch_source_unread_bytes{source="/var/log/auth.log"}': 120,
    'denywatch_source_readable{source="journal"}': 0,
    denywatch_start_timestamp_seconds: 1_799_999_000.5,
    'denywatch_build_info{version="1.2.3",node="26.0.0"}': 1,
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(values.get(name), value, name);
});

test('what is not known is not shown: no oldest result, no delivery, no bytes of a journal', () => {
  const values = samples(metricsText(SNAPSHOT, PROCESS));
  assert.ok(!values.has('denywatch_oldest_waiting_timestamp_seconds{monitor="a:5667"}'));
  assert.ok(!values.has('denywatch_last_delivery_timestamp_seconds{monitor="b:5667"}'));
  assert.ok(!values.has('denywatch_source_unread_bytes{source="journal"}'));
});

test('a hostile name stays inside its label', () => {
  const stream = '/var/log/a"} 1\ndenywatch_build_info 7\\\u001b[2J.log';
  const streams = [{ stream, behind: 0, problem: null }];
  const text = metricsText({ ...SNAPSHOT, agent: { ...SNAPSHOT.agent, streams } }, PROCESS);
  assert.match(
    text,
    /\{source="\/var\/log\/a\\"\} 1\\ndenywatch_build_info 7\\\\\?\[2J\.log"\} 0\n/,
  );
  assert.equal(text.match(/^denywatch_build_info/gm)?.length, 1);
});

test('daemons are counted individually up to a bound', () => {
  const counts = new DaemonCounts();
  const add = (daemon: string, denials: number) =>
    counts.add({
      groups: new Map([[groupKey(0, 'gw', daemon), new Map([['192.0.2.9', denials]])]]),
    });
  for (let i = 0; i < 200; i++) add(`daemon${i}`, 1);
  add('daemon3', 2);
  add('__proto__', 1);
  const all = new Map(counts.all().map(({ daemon, denials }) => [daemon, denials]));
  assert.equal(all.size, 51);
  assert.equal(all.get('daemon3'), 3);
  assert.equal(all.get('other'), 151);
});
