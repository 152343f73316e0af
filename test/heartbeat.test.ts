import assert from 'node:assert/strict';
import test from 'node:test';
import { heartbeatOf, type Health } from '../src/heartbeat.ts';

const NOW = 1_000_000;
const FINE = { connected: false, lastDelivered: NOW, lastError: null, next: null };
const FAILING = { ...FINE, lastError: { kind: 'down', message: 'nobody listens' }, next: NOW + 1 };
const AUTH = { stream: '/var/log/auth.log', behind: 0, problem: null };

function health(more: Partial<Health> = {}): Health {
  return {
    agent: { streams: [AUTH], monitors: [FINE, FINE] },
    names: ['a:5667', 'b:5667'],
    totals: { denials: 1532, alerts: 48 },
    waiting: { results: 0, oldest: null },
    ...more,
  };
}

test('all is well: the totals, and performance data', () => {
  assert.deepEqual(heartbeatOf(health(), 1000, NOW), {
    state: 0,
    output:
      'denywatch OK: 1532 denials, 48 alerts, 0 waiting | ' +
      'denials=1532c alerts=48c waiting=0;1000 oldest=0s behind=0B',
  });
});

test('a long queue is a warning', () => {
  const { state, output } = heartbeatOf(
    health({ waiting: { results: 1001, oldest: NOW - 90_000 } }),
    1000,
    NOW,
  );
  assert.equal(state, 1);
  assert.match(output, /^denywatch WARNING: 1001 results wait, the oldest for 90 s, 1532 denials/);
  assert.match(output, /waiting=1001;1000 oldest=90s/);
});

test('a monitor that takes nothing is critical for those that can be reached', () => {
  const { state, output } = heartbeatOf(
    health({ agent: { streams: [AUTH], monitors: [FINE, FAILING] } }),
    1000,
    NOW,
  );
  assert.equal(state, 2);
  assert.match(output, /^denywatch CRITICAL: b:5667 takes no results, /);
});

test('a source that cannot be read is critical', () => {
  const streams = [AUTH, { stream: '/var/log/syslog', behind: null, problem: 'EACCES' }];
  const { state, output } = heartbeatOf(
    health({ agent: { streams, monitors: [FINE, FINE] } }),
    1000,
    NOW,
  );
  assert.equal(state, 2);
  assert.match(output, /^denywatch CRITICAL: \/var\/log\/syslog cannot be read, /);
});
