import assert from 'node:assert/strict';
import test from 'node:test';
import { NO_LIMITS, verdict, type Health } from '../../src/agent/health.ts';

const NOW = 1_000_000;
const FINE = { connected: false, lastDelivered: NOW, lastError: null, next: null };
const FAILING = { ...FINE, lastError: { kind: 'down', message: 'nobody listens' }, next: NOW + 1 };
const A = { name: 'a:5667', ...FINE };
const B = { name: 'b:5667', ...FINE };
const AUTH = { stream: '/var/log/auth.log', behind: 0, problem: null };
const WARN = { results: 1000, age: null };

function tell(more: Partial<Health> = {}, warn = WARN, critical: typeof NO_LIMITS = NO_LIMITS) {
  const health = {
    agent: { streams: [AUTH], monitors: [A, B] },
    trouble: null,
    totals: { denials: 1532, alerts: 48 },
    waiting: { results: 0, oldest: null },
    setAside: 0,
    ...more,
  };
  return verdict(health, warn, critical, NOW);
}

test('all is well: the totals, and performance data', () => {
  assert.deepEqual(tell(), {
    state: 0,
    output:
      'denywatch OK: 1532 denials, 48 alerts, 0 waiting | ' +
      'denials=1532c alerts=48c waiting=0;1000 oldest=0s behind=0B',
  });
});

test('a long queue is a warning', () => {
  const { state, output } = tell({ waiting: { results: 1001, oldest: NOW - 90_000 } });
  assert.equal(state, 1);
  assert.match(output, /^denywatch WARNING: 1001 results wait, the oldest for 90 s, 1532 denials/);
  assert.match(output, /waiting=1001;1000 oldest=90s/);
});

test('a queue that is longer or older than is critical is critical, with both thresholds told', () => {
  const critical = { results: 5000, age: 60_000 };
  const { state, output } = tell({ waiting: { results: 1, oldest: NOW - 90_000 } }, WARN, critical);
  assert.equal(state, 2);
  assert.match(output, /^denywatch CRITICAL: 1 results wait, the oldest for 90 s, /);
  assert.match(output, / waiting=1;1000;5000 oldest=90s;;60 /);
});

test('a monitor that takes nothing is critical for those that can be reached', () => {
  const { state, output } = tell({
    agent: { streams: [AUTH], monitors: [A, { ...B, ...FAILING }] },
  });
  assert.equal(state, 2);
  assert.match(output, /^denywatch CRITICAL: b:5667 takes no results, /);
});

test('a source that cannot be read is critical', () => {
  const streams = [AUTH, { stream: '/var/log/syslog', behind: null, problem: 'EACCES' }];
  const { state, output } = tell({ agent: { streams, monitors: [A] } });
  assert.equal(state, 2);
  assert.match(output, /^denywatch CRITICAL: \/var\/log\/syslog cannot be read, /);
});

test('results that were refused are a warning', () => {
  const { state, output } = tell({ setAside: 3 });
  assert.equal(state, 1);
  assert.match(output, /^denywatch WARNING: 3 results were refused and are set aside, /);
});

test('an agent that does not run is critical, and nothing is said of what only it knows', () => {
  const trouble = { state: 2 as const, text: 'the agent is not running' };
  assert.deepEqual(tell({ agent: null, trouble }), {
    state: 2,
    output:
      'denywatch CRITICAL: the agent is not running, 1532 denials, 48 alerts, 0 waiting | ' +
      'denials=1532c alerts=48c waiting=0;1000 oldest=0s',
  });
});

test('a name cannot begin performance data of its own', () => {
  const streams = [{ stream: '/var/log/a|x=1;\n.log', behind: null, problem: 'EACCES' }];
  const { output } = tell({ agent: { streams, monitors: [A] } });
  assert.equal(output.match(/[|;\n]/g)?.length, 2);
});
