import assert from 'node:assert/strict';
import test from 'node:test';
import { problemsOf } from '../../src/agent/health.ts';
import { NO_LIMITS, pluginOutput, type Figures } from '../../src/agent/plugin-output.ts';

const NOW = 1_000_000;
const WARN = { results: 1000, age: null };
const AUTH = { stream: '/var/log/auth.log', behind: 0, problem: null };
const A = {
  name: 'a:5667',
  failures: 0,
  next: 0,
  kind: null,
  message: null,
  delivered: 7,
  last: NOW,
  waiting: 0,
  setAside: 0,
  oldest: null,
};
const FAILING = { failures: 1, next: NOW + 1, kind: 'down', message: 'nobody listens', waiting: 1 };

const SEEN = { connections: 0, messages: 0 };
const facts = (streams = [AUTH], suspicious = 0) => ({ streams, suspicious });

function lineOf(more: Partial<Figures> = {}, warn = WARN, critical: typeof NO_LIMITS = NO_LIMITS) {
  const figures = {
    problems: [],
    totals: { denials: 1532, alerts: 48 },
    waiting: { results: 0, oldest: null },
    behind: 0,
    ...more,
  };
  return pluginOutput(figures, warn, critical, NOW);
}

test('an agent in good health has no problem', () => {
  assert.deepEqual(problemsOf(facts(), [A], SEEN), []);
});

test('what nobody could see is a warning that says how much it was at least', () => {
  const problems = problemsOf(facts(), [A], { connections: 45, messages: 1 });
  assert.deepEqual(
    problems.map(({ state, brief }) => [state, brief]),
    [
      [1, 'sshd dropped at least 45 connections unseen'],
      [1, 'at least 1 log message suppressed'],
    ],
  );
});

test('a monitor that takes nothing is critical, with what waits for it', () => {
  const [problem, ...more] = problemsOf(facts(), [A, { ...A, name: 'b:5667', ...FAILING }], SEEN);
  assert.deepEqual(more, []);
  assert.deepEqual(problem, {
    state: 2,
    text: 'monitor b:5667: nobody listens',
    brief: 'b:5667 takes no results',
  });
});

test('a source that cannot be read is critical', () => {
  const unread = { stream: '/var/log/syslog', behind: null as never, problem: 'EACCES' as never };
  assert.deepEqual(problemsOf(facts([AUTH, unread]), [], SEEN), [
    { state: 2, text: 'source /var/log/syslog: EACCES', brief: '/var/log/syslog cannot be read' },
  ]);
});

test('refused results and forged lines are warnings, and stand behind what is critical', () => {
  const unread = { stream: 'journal', behind: null as never, problem: 'gone' as never };
  const problems = problemsOf(facts([unread], 2), [{ ...A, setAside: 3 }], SEEN);
  assert.deepEqual(
    problems.map(({ state, brief }) => [state, brief]),
    [
      [2, 'journal cannot be read'],
      [1, '3 refused results set aside'],
      [1, '2 forged lines'],
    ],
  );
});

test('a plugin prints the totals and performance data', () => {
  assert.deepEqual(lineOf(), {
    state: 0,
    output:
      'denywatch OK: 1532 denials, 48 alerts, 0 waiting | ' +
      'denials=1532c alerts=48c waiting=0;1000 oldest=0s behind=0B unseen=0c',
  });
});

test('a long queue is a warning', () => {
  const { state, output } = lineOf({ waiting: { results: 1001, oldest: NOW - 90_000 } });
  assert.equal(state, 1);
  assert.match(
    output,
    /^denywatch WARNING: 1001 results waiting, the oldest for 90 s, 1532 denials/,
  );
  assert.match(output, /waiting=1001;1000 oldest=90s/);
});

test('a queue that is longer or older than is critical is critical, and both thresholds are printed', () => {
  const critical = { results: 5000, age: 60_000 };
  const waiting = { results: 1, oldest: NOW - 90_000 };
  const { state, output } = lineOf({ waiting }, WARN, critical);
  assert.equal(state, 2);
  assert.match(output, /^denywatch CRITICAL: 1 result waiting, the oldest for 90 s, /);
  assert.match(output, / waiting=1;1000;5000 oldest=90s;;60 /);
});

test('of an agent that does not answer nothing is printed that only it knows', () => {
  const problem = { state: 2 as const, text: '', brief: 'the agent is not running' };
  assert.deepEqual(lineOf({ problems: [problem], behind: null }), {
    state: 2,
    output:
      'denywatch CRITICAL: the agent is not running, 1532 denials, 48 alerts, 0 waiting | ' +
      'denials=1532c alerts=48c waiting=0;1000 oldest=0s unseen=0c',
  });
});

test('a name cannot begin performance data of its own', () => {
  const unread = { stream: '/var/log/a|x=1;\n.log', behind: null as never, problem: 'E' as never };
  const { output } = lineOf({ problems: problemsOf(facts([unread]), [], SEEN) });
  assert.equal(output.match(/[|;\n]/g)?.length, 2);
});
