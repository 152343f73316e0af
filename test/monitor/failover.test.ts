import assert from 'node:assert/strict';
import test from 'node:test';
import { failover } from '../../src/monitor/failover.ts';
import { MonitorError } from '../../src/monitor/error.ts';
import { type Monitor, type Session } from '../../src/monitor/monitor.ts';
import { nscaProtocol } from '../../src/monitor/nsca/protocol.ts';

/** A monitor that is up or down, and counts the sessions that it had. */
function monitor(name: string): Monitor & { up: boolean; refuses: boolean; sessions: number } {
  const self = {
    name,
    up: true,
    refuses: false,
    sessions: 0,
    open: async (): Promise<Session> => {
      if (!self.up) throw new MonitorError('down', `${name} is down`);
      self.sessions++;
      return {
        protocol: nscaProtocol({ outputSize: 4096 }),
        clockOffset: null,
        failed: new Promise<never>(() => {}),
        holdFor: () => 0,
        abort: () => {},
        send: async () => {},
        finish: async () => {
          if (self.refuses) throw new MonitorError('refused', `${name} refuses`);
        },
      };
    },
    probe: async () => [],
  };
  return self;
}

const { signal } = new AbortController();

test('results go to the first while it can be reached, else to the next', async (t) => {
  t.mock.method(performance, 'now', () => 0);
  const [a, b] = [monitor('a'), monitor('b')];
  const both = failover([a, b]);
  await (await both.open(signal)).finish();
  a.up = false;
  await (await both.open(signal)).finish();
  assert.deepEqual([a.sessions, b.sessions], [1, 1]);
});

test('the first is asked again once it has rested', async (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const [a, b] = [monitor('a'), monitor('b')];
  const both = failover([a, b]);
  a.up = false;
  await both.open(signal);
  a.up = true;
  await both.open(signal);
  assert.deepEqual([a.sessions, b.sessions], [0, 2]);
  now = 20_000;
  await both.open(signal);
  assert.deepEqual([a.sessions, b.sessions], [1, 2]);
});

test('one that refuses what it gets is passed over too', async (t) => {
  t.mock.method(performance, 'now', () => 0);
  const [a, b] = [monitor('a'), monitor('b')];
  const both = failover([a, b]);
  a.refuses = true;
  await assert.rejects((await both.open(signal)).finish(), /a refuses/);
  await (await both.open(signal)).finish();
  assert.deepEqual([a.sessions, b.sessions], [1, 1]);
});

test('one that breaks while nothing is sent is passed over too', async (t) => {
  t.mock.method(performance, 'now', () => 0);
  const [a, b] = [monitor('a'), monitor('b')];
  const { promise, reject } = Promise.withResolvers<never>();
  const breaking = {
    ...a,
    open: async (abort: AbortSignal) => ({ ...(await a.open(abort)), failed: promise }),
  };
  const both = failover([breaking, b]);
  await both.open(signal);
  reject(new MonitorError('refused', 'a refuses'));
  await promise.catch(() => {});
  await both.open(signal);
  assert.deepEqual([a.sessions, b.sessions], [1, 1]);
});

test('one that keeps silent is left for the next, and waited for where there is no other', async (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const [a, b] = [monitor('a'), monitor('b')];
  const slow = {
    ...a,
    open: async (abort: AbortSignal) => {
      await new Promise((resolve, reject) => {
        abort.addEventListener('abort', () => reject(abort.reason as Error));
        setTimeout(resolve, 3_600);
      });
      return a.open(abort);
    },
  };
  const pass = (ms: number) => {
    now += ms;
    t.mock.timers.tick(ms);
  };
  const both = failover([slow, b]);
  const first = both.open(signal);
  pass(3_500);
  await first;
  assert.deepEqual([a.sessions, b.sessions], [0, 1]);

  // It cost 3.5 s to ask: it rests for longer than one that fails at once.
  now += 17_000;
  await both.open(signal);
  assert.deepEqual([a.sessions, b.sessions], [0, 2]);

  b.up = false;
  const second = both.open(signal);
  await new Promise(setImmediate);
  pass(3_600);
  await second;
  assert.deepEqual([a.sessions, b.sessions], [1, 2]);
});

test('where none can be reached the error names all of them', async () => {
  const [a, b] = [monitor('a'), monitor('b')];
  a.up = b.up = false;
  await assert.rejects(failover([a, b]).open(signal), /^MonitorError: a is down; b is down$/);
});
