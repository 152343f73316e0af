import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { pino } from 'pino';
import { startDelivery } from '../../src/delivery/delivery.ts';
import { MonitorError, type FaultKind } from '../../src/monitor/error.ts';
import { TAKEN, type Monitor, type Session } from '../../src/monitor/monitor.ts';
import type { CheckResult } from '../../src/result/check-result.ts';
import { pause } from '../../src/host/pause.ts';
import { memoryOutbox, type MemoryOutbox } from './memory-outbox.ts';
import { nscaProtocol } from '../../src/monitor/nsca/protocol.ts';

/** What a test's monitor does next; by default it takes everything at once. */
interface Behaviour {
  open?: () => void;
  send?: (outputs: string[]) => { result: CheckResult; reason: string }[] | void;
  /** How long a write takes, ms. */
  write?: number;
  /** How long each answer takes where each result is acknowledged, ms. */
  answer?: number;
  finish?: () => void;
  hold?: number;
  clockOffset?: number;
  acknowledges?: boolean;
  /** What chance gives, from 0 to 1: by default the longest delays, and no pauses. */
  random?: number;
}

/** A delivery with a fake monitor and mock timers, and what it did: the time is in ms from 0. */
function setUp(t: TestContext, behaviour: Behaviour = {}, outbox: MemoryOutbox = memoryOutbox()) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
  t.mock.method(Math, 'random', () => behaviour.random ?? 0);
  const did: { at: number; what: string }[] = [];
  const note = (what: string) => did.push({ at: Date.now() - 1_000_000, what });
  const lines: { level: number; msg: string }[] = [];
  const write = (line: string) => lines.push(JSON.parse(line) as (typeof lines)[0]);
  let fail: ((error: Error) => void) | null = null;
  const monitor: Monitor = {
    name: 'monitor:5667',
    async open(signal) {
      note('open');
      signal.throwIfAborted();
      behaviour.open?.();
      const { promise: failed, reject } = Promise.withResolvers<never>();
      failed.catch(() => {});
      fail = reject;
      signal.addEventListener('abort', () => reject(signal.reason));
      let last = 0;
      const session: Session = {
        failed,
        clockOffset: behaviour.clockOffset ?? 0,
        protocol: {
          ...nscaProtocol({ outputSize: 4096 }),
          acknowledges: behaviour.acknowledges === true ? 'each' : 'session',
        },
        holdFor: () => Math.max(0, last + (behaviour.hold ?? 0) - Date.now()),
        async send(results, onVerdict, enough) {
          last = Date.now();
          const outputs = results.map(({ output }) => output);
          note(`send ${outputs.length > 3 ? outputs.length : outputs.join(' ')}`);
          if (behaviour.write !== undefined) await pause(behaviour.write, signal);
          const refused = behaviour.send?.(outputs) ?? [];
          for (const result of results) {
            if (behaviour.answer !== undefined) {
              if (enough.aborted) return;
              await pause(behaviour.answer, signal);
              signal.throwIfAborted();
            }
            const reason = refused.find((one) => one.result === result)?.reason;
            if (reason !== undefined) onVerdict(result, { kind: 'refused', reason });
            else if (behaviour.acknowledges === true) onVerdict(result, TAKEN);
          }
        },
        async finish() {
          note('finish');
          behaviour.finish?.();
        },
        abort: () => note('abort'),
      };
      return session;
    },
    probe: () => Promise.reject(new Error('not here')),
  };
  const delivery = startDelivery(monitor, outbox, {
    pace: { results: 100, every: 100 },
    log: pino({ base: null }, { write }),
  });
  const pass = async (ms: number) => {
    // In steps, so that what a timer sets off can start timers of its own.
    for (let left = ms; left >= 0; left -= 50) {
      for (let i = 0; i < 30; i++) await Promise.resolve();
      if (left > 0) t.mock.timers.tick(Math.min(50, left));
    }
  };
  t.after(async () => {
    const stopped = delivery.stop(0);
    await pass(50);
    await stopped;
  });
  return {
    delivery,
    outbox,
    did,
    behaviour,
    pass,
    fail: (error: Error) => fail?.(error),
    log: () => lines.map(({ msg }) => msg),
    steps: () => did.map(({ at, what }) => `${at} ${what}`),
  };
}

const down = () => {
  throw new MonitorError('down', "can't connect to monitor:5667: connection refused");
};

const unanswered = () => {
  throw new MonitorError('unknown', 'no verdict');
};

void test('a single result goes out at once', async (t) => {
  const { delivery, outbox, pass, steps } = setUp(t);
  await pass(0);
  outbox.add('a');
  delivery.wake();
  await pass(0);
  assert.deepEqual(steps(), ['0 open', '0 send a', '0 finish']);
  assert.deepEqual(outbox.done, ['a']);
});

void test('nothing waiting means no timer and no connection', async (t) => {
  const { did, pass } = setUp(t);
  const setTimer = t.mock.method(globalThis, 'setTimeout');
  await pass(600_000);
  assert.deepEqual(did, []);
  assert.equal(setTimer.mock.callCount(), 0);
});

void test('results go in groups of 100 each 100 ms, at most 20 groups in a session', async (t) => {
  const outbox = memoryOutbox();
  const outputs = Array.from({ length: 2250 }, (_, i) => `${i}`);
  outbox.add(...outputs);
  const { pass, steps } = setUp(t, {}, outbox);
  await pass(3000);
  const groups = Array.from({ length: 20 }, (_, i) => `${i * 100} send 100`);
  assert.deepEqual(steps(), [
    '0 open',
    ...groups,
    '1900 finish',
    '1900 open',
    '2000 send 100',
    '2100 send 100',
    '2200 send 50',
    '2200 finish',
  ]);
  assert.deepEqual(outbox.done, outputs);
});

void test('a result counts by its length, for the pipe behind the monitor counts bytes', async (t) => {
  const outbox = memoryOutbox();
  outbox.add(...Array.from({ length: 6 }, () => 'x'.repeat(4000)));
  const { pass, steps } = setUp(t, {}, outbox);
  await pass(1000);
  const sends = steps().filter((step) => step.includes('send'));
  assert.deepEqual(
    sends.map((step) => step.replace(/x+/g, 'x')),
    ['0 send x x', '100 send x x', '200 send x x'],
  );
});

void test('a result that comes while the session is held goes out in it', async (t) => {
  const { delivery, outbox, pass, steps } = setUp(t, { hold: 2000 });
  outbox.add('a');
  delivery.wake();
  await pass(500);
  outbox.add('b');
  delivery.wake();
  await pass(5000);
  assert.deepEqual(steps(), ['0 open', '0 send a', '500 send b', '2500 finish']);
  assert.deepEqual(outbox.done, ['a', 'b']);
});

void test('a session ends after 10 s, however often new results come', async (t) => {
  const { delivery, outbox, pass, did } = setUp(t, { hold: 2000 });
  for (let i = 0; i < 15; i++) {
    outbox.add(`${i}`);
    delivery.wake();
    await pass(1000);
  }
  const finish = did.find(({ what }) => what === 'finish');
  assert.ok(finish !== undefined && finish.at >= 10_000 && finish.at <= 12_000, `${finish?.at}`);
});

void test('a session that fails is sent again whole, with growing delays, and reported once', async (t) => {
  const { delivery, outbox, pass, steps, behaviour, log } = setUp(t, { open: down });
  outbox.add('a', 'b');
  delivery.wake();
  await pass(9000);
  assert.deepEqual(steps(), ['0 open', '1000 open', '3000 open', '8000 open']);
  assert.equal(log().length, 1);
  assert.match(log()[0]!, /connection refused\. Results wait in the queue/);
  assert.deepEqual(delivery.state(), {
    connected: false,
    lastDelivered: null,
    lastError: { kind: 'down', message: "can't connect to monitor:5667: connection refused" },
    next: 1_018_000,
  });

  delete behaviour.open;
  await pass(10_000);
  assert.deepEqual(outbox.done, ['a', 'b']);
  assert.deepEqual(log().slice(1), ['takes results again after 18 s; all 2 are delivered']);
  assert.deepEqual(outbox.saved.at(-1), { failures: 0, next: 0, kind: null, message: null });
  assert.equal(delivery.state().lastError, null);
});

void test('each kind of fault is reported once in one outage, and again in the next', async (t) => {
  const { delivery, outbox, pass, behaviour, log } = setUp(t);
  const faults: FaultKind[] = ['down', 'refused', 'down', 'refused', 'refused'];
  behaviour.open = () => {
    const kind = faults.shift();
    if (kind !== undefined) throw new MonitorError(kind, kind);
  };
  outbox.add('a');
  delivery.wake();
  await pass(60_000);
  assert.deepEqual(outbox.done, ['a']);
  faults.push('down');
  outbox.add('b');
  delivery.wake();
  await pass(60_000);
  assert.deepEqual(
    log().map((text) => text.split(' ')[0]),
    ['down.', 'refused.', 'takes', 'down.', 'takes'],
  );
});

void test('a connection that breaks off is no diagnosis: what the next try shows is logged', async (t) => {
  const { delivery, outbox, pass, behaviour, log } = setUp(t);
  const faults: FaultKind[] = ['cut', 'refused', 'refused'];
  behaviour.open = () => {
    const kind = faults.shift();
    if (kind !== undefined) throw new MonitorError(kind, kind);
  };
  outbox.add('a');
  delivery.wake();
  await pass(30_000);
  assert.deepEqual(
    log().map((text) => text.split(' ')[0]),
    ['refused.', 'takes'],
  );

  faults.push('cut');
  outbox.add('b');
  delivery.wake();
  await pass(10_000);
  assert.deepEqual(outbox.done, ['a', 'b']);
  assert.equal(log().length, 2, 'a moment is not worth a word');

  faults.push('cut', 'cut', 'cut');
  outbox.add('c');
  delivery.wake();
  await pass(30_000);
  assert.deepEqual(
    log()
      .slice(2)
      .map((text) => text.split(' ')[0]),
    ['cut.', 'takes'],
  );
});

void test('new results do not end a delay, a new configuration does', async (t) => {
  const { delivery, outbox, pass, did } = setUp(t, { open: down });
  outbox.add('a');
  delivery.wake();
  await pass(500);
  delivery.wake();
  await pass(0);
  assert.equal(did.length, 1);
  delivery.wake(true);
  await pass(0);
  assert.equal(did.length, 2);
});

void test('the delay is kept over a restart', async (t) => {
  const saved = { failures: 8, next: 1_030_000, kind: 'down', message: 'down' };
  const outbox = memoryOutbox(saved);
  outbox.add('a');
  const { pass, steps } = setUp(t, {}, outbox);
  await pass(29_000);
  assert.deepEqual(steps(), []);
  await pass(1000);
  assert.deepEqual(steps(), ['30000 open', '30000 send a', '30000 finish']);
});

void test('a clock that was set back delays delivery no longer than the failures before it do', async (t) => {
  const saved = { failures: 3, next: 1e12, kind: 'down', message: 'down' };
  const outbox = memoryOutbox(saved);
  outbox.add('a');
  const { pass, did } = setUp(t, {}, outbox);
  await pass(5_000);
  assert.equal(did[0]?.at, 5_000);
});

void test('a refusal in mid-session leaves every result of it in the queue', async (t) => {
  const { delivery, outbox, pass, fail, steps } = setUp(t, { hold: 2000 });
  outbox.add('a', 'b');
  delivery.wake();
  await pass(100);
  fail(new MonitorError('refused', 'wrong password'));
  await pass(100);
  assert.deepEqual(steps(), ['0 open', '0 send a b', '100 abort']);
  assert.deepEqual(outbox.done, []);
  assert.deepEqual(
    outbox.queued.map(({ attempts }) => attempts),
    [1, 1],
  );
});

void test('a result refused for itself is set aside and stops no other', async (t) => {
  const outbox = memoryOutbox();
  const { delivery, pass, log } = setUp(
    t,
    {
      send: (outputs) =>
        outputs.includes('bad')
          ? [{ result: outbox.queued.find(({ output }) => output === 'bad')!, reason: 'no host' }]
          : [],
    },
    outbox,
  );
  outbox.add('a', 'bad', 'c');
  delivery.wake();
  await pass(0);
  assert.deepEqual(outbox.done, ['a', 'c']);
  assert.deepEqual(outbox.aside, [{ id: 2, reason: 'no host' }]);
  assert.match(log()[0]!, /no host/);
});

void test('reasons that alternate are logged once each', async (t) => {
  const outbox = memoryOutbox();
  const { delivery, pass, log } = setUp(
    t,
    {
      send: (outputs) =>
        outbox.queued
          .filter(({ output }) => outputs.includes(output))
          .map((result) => ({ result, reason: `no host ${result.output}` })),
    },
    outbox,
  );
  for (let round = 0; round < 5; round++) {
    outbox.add('a', 'b', 'c');
    delivery.wake();
    await pass(1000);
  }
  assert.equal(outbox.aside.length, 15);
  assert.deepEqual(
    log().map((text) => /no host (.)/.exec(text)?.[1]),
    ['a', 'b', 'c'],
  );
});

void test('where each result is acknowledged, a cut session repeats only its last group', async (t) => {
  const outbox = memoryOutbox();
  outbox.add(...Array.from({ length: 250 }, (_, i) => `${i}`));
  let groups = 0;
  const send = () => {
    if (++groups === 3) throw new MonitorError('cut', 'broke off');
  };
  const { pass, steps } = setUp(t, { send, acknowledges: true }, outbox);
  await pass(200);
  assert.equal(outbox.done.length, 200);
  await pass(2000);
  assert.equal(outbox.done.length, 250);
  assert.deepEqual(steps().slice(-6), [
    '1200 open',
    '1200 send 200 201',
    '1200 finish',
    '1200 open',
    '1300 send 48',
    '1300 finish',
  ]);
});

void test('what was taken while the disk was full is not sent again', async (t) => {
  const { delivery, outbox, pass, behaviour, log, steps } = setUp(t);
  outbox.add('a');
  behaviour.finish = () => (outbox.broken = new Error('database or disk is full'));
  delivery.wake();
  await pass(10_000);
  assert.match(log()[0]!, /database or disk is full/);
  assert.equal(log().length, 1);
  outbox.broken = null;
  delete behaviour.finish;
  outbox.add('b');
  await pass(60_000);
  assert.deepEqual(outbox.done, ['a', 'b']);
  assert.deepEqual(steps().filter((step) => step.includes('send')).length, 2, steps().join(', '));
});

void test('while the queue cannot be written, a monitor that fails is tried with growing delays too', async (t) => {
  const outbox = memoryOutbox();
  outbox.add('a');
  const { pass, steps, log } = setUp(t, { finish: unanswered }, outbox);
  outbox.broken = new Error('database or disk is full');
  await pass(9000);
  assert.deepEqual(
    steps().filter((step) => step.endsWith('open')),
    ['0 open', '1000 open', '3000 open', '8000 open'],
  );
  assert.equal(log().length, 2, log().join(', '));
  assert.match(log()[0]!, /no verdict/);
  assert.match(log()[1]!, /database or disk is full/);
});

void test('a clock that is off is reported once, and once when it is right again', async (t) => {
  const { delivery, outbox, pass, behaviour, log } = setUp(t);
  for (const clockOffset of [0, 29, 31, -31_536_000, 0, 0]) {
    behaviour.clockOffset = clockOffset;
    outbox.add('a');
    delivery.wake();
    await pass(1000);
  }
  assert.deepEqual(log(), [
    'its clock is 31 s ahead of ours: set both by NTP',
    'its clock agrees with ours again',
  ]);
});

void test('stopping ends a session properly', async (t) => {
  const { delivery, outbox, pass, steps } = setUp(t, { hold: 2000 });
  outbox.add('a');
  delivery.wake();
  await pass(100);
  outbox.add('b');
  const stopped = delivery.stop(5000);
  await pass(0);
  await stopped;
  assert.deepEqual(steps(), ['0 open', '0 send a', '100 finish']);
  assert.deepEqual(outbox.done, ['a']);
});

void test('stopping while idle or backing off is immediate', async (t) => {
  const { delivery, outbox, pass } = setUp(t, { open: down });
  outbox.add('a');
  delivery.wake();
  await pass(0);
  await delivery.stop(5000);
  assert.equal(outbox.queued.length, 1);
});

void test('after a failure a session carries two results, and the first good one brings the digest', async (t) => {
  const outbox = memoryOutbox();
  outbox.add(...Array.from({ length: 150 }, (_, i) => `${i}`));
  let digests = 0;
  outbox.digest = () => {
    digests++;
    outbox.queued.splice(0, outbox.queued.length - 1);
    return 147;
  };
  const saved = { failures: 1, next: 0, kind: 'down', message: 'down' };
  outbox.saveBackoff(saved);
  const { pass, steps, behaviour, log } = setUp(t, { open: down }, outbox);
  await pass(0);
  assert.deepEqual([digests, outbox.queued.length], [0, 150]);
  delete behaviour.open;
  await pass(3000);
  assert.deepEqual(steps().slice(1), [
    '2000 open',
    '2000 send 0 1',
    '2000 finish',
    '2000 open',
    '2100 send 149',
    '2100 finish',
  ]);
  assert.equal(digests, 1);
  assert.ok(log().includes('sent in a digest because of their age: 147 alerts'), log().join('; '));
});

/** How many results each write carried. */
const sizes = (steps: readonly string[]) =>
  steps.flatMap((step) => / send (\d+)$/.exec(step)?.slice(1).map(Number) ?? []);

void test('groups shrink while the monitor takes them slowly, and grow again to what is configured', async (t) => {
  const outbox = memoryOutbox();
  outbox.add(...Array.from({ length: 900 }, (_, i) => `${i}`));
  const { pass, steps, behaviour } = setUp(t, { write: 300 }, outbox);
  await pass(1000);
  assert.deepEqual(sizes(steps()), [100, 50, 25, 12]);
  behaviour.write = 50;
  await pass(2200);
  assert.deepEqual(sizes(steps()).slice(4, 9), [6, 11, 16, 21, 26]);
  await pass(20_000);
  assert.ok(Math.max(...sizes(steps()).slice(1)) <= 100);
  assert.equal(outbox.done.length, 900);
});

void test('groups are half as large after a session that was cut', async (t) => {
  const outbox = memoryOutbox();
  outbox.add(...Array.from({ length: 300 }, (_, i) => `${i}`));
  const { pass, steps, behaviour } = setUp(t, {}, outbox);
  behaviour.send = () => {
    delete behaviour.send;
    throw new MonitorError('cut', 'broke off');
  };
  await pass(3000);
  assert.deepEqual(sizes(steps()), [100, 55, 60, 65, 70, 48]);
  assert.equal(outbox.done.length, 300);
});

void test('where each result is acknowledged, a slow answer is no reason for smaller groups', async (t) => {
  const outbox = memoryOutbox();
  outbox.add(...Array.from({ length: 300 }, (_, i) => `${i}`));
  const { pass, steps } = setUp(t, { write: 500, acknowledges: true }, outbox);
  await pass(3000);
  assert.deepEqual(sizes(steps()), [100, 100, 100]);
});

void test('where each result is acknowledged it leaves the queue at once, and counts as progress', async (t) => {
  const outbox = memoryOutbox();
  outbox.add(...Array.from({ length: 50 }, (_, i) => `${i}`));
  const { delivery, pass } = setUp(t, { answer: 3000, acknowledges: true }, outbox);
  let before = -1;
  for (let answers = 1; answers <= 20; answers++) {
    await pass(3150);
    assert.ok(outbox.done.length >= answers, `${outbox.done.length} of ${answers}`);
    assert.ok(delivery.progress > before);
    before = delivery.progress;
  }
});

void test('a session ends in the middle of a group when it has lasted long enough', async (t) => {
  const outbox = memoryOutbox();
  outbox.add(...Array.from({ length: 50 }, (_, i) => `${i}`));
  const { pass, steps } = setUp(t, { answer: 3000, acknowledges: true }, outbox);
  await pass(12_000);
  assert.deepEqual(steps().slice(1), ['0 send 50', '12000 finish', '12000 open', '12000 send 46']);
  await pass(150_000);
  assert.deepEqual(
    outbox.done,
    Array.from({ length: 50 }, (_, i) => `${i}`),
  );
});

void test('stopping waits for the answer that is on its way, and for no other', async (t) => {
  const outbox = memoryOutbox();
  outbox.add('a', 'b', 'c');
  const { delivery, pass } = setUp(t, { answer: 1000, acknowledges: true }, outbox);
  await pass(1500);
  const stopped = delivery.stop(1500);
  await pass(500);
  await stopped;
  assert.deepEqual(outbox.done, ['a', 'b']);
  assert.deepEqual(
    outbox.queued.map(({ attempts }) => attempts),
    [0],
  );
});

void test('what was acknowledged before the agent has to leave is not sent again', async (t) => {
  const outbox = memoryOutbox();
  outbox.add('a', 'b', 'c');
  const { delivery, pass } = setUp(t, { answer: 1000, acknowledges: true }, outbox);
  await pass(1050);
  const stopped = delivery.stop(0);
  await pass(50);
  await stopped;
  assert.deepEqual(outbox.done, ['a']);
});

const tooLarge = (large: (outputs: string[]) => boolean) => (outputs: string[]) => {
  if (large(outputs)) throw new MonitorError('too-large', 'it takes no request of this size');
};

void test('a group that is too large is halved without a delay, and one result alone set aside', async (t) => {
  const outbox = memoryOutbox();
  outbox.add('a', 'bad', ...Array.from({ length: 98 }, (_, i) => `${i}`));
  const send = tooLarge((outputs) => outputs.length > 30 || outputs.includes('bad'));
  const { delivery, pass, log } = setUp(t, { send, acknowledges: true }, outbox);
  await pass(3000);
  assert.equal(outbox.done.length, 99);
  assert.deepEqual(outbox.aside, [{ id: 2, reason: 'it takes no request of this size' }]);
  assert.equal(delivery.state().lastError, null);
  assert.equal(log().length, 1);
});

void test('a monitor that calls everything too large keeps nearly all of it in the queue', async (t) => {
  const outbox = memoryOutbox();
  outbox.add(...Array.from({ length: 50 }, (_, i) => `${i}`));
  const send = tooLarge(() => true);
  const { delivery, pass, log } = setUp(t, { send, acknowledges: true }, outbox);
  await pass(600_000);
  assert.equal(outbox.aside.length, 10);
  assert.equal(outbox.queued.length, 40);
  assert.equal(delivery.state().lastError?.kind, 'too-large');
  assert.match(log().at(-1)!, /Results wait in the queue/);
});

/** Ten results that waited through three failures, and a monitor that takes them again. */
async function returning(t: TestContext) {
  const outbox = memoryOutbox();
  outbox.add(...Array.from({ length: 10 }, (_, i) => `${i}`));
  outbox.saveBackoff({ failures: 3, next: 0, kind: 'down', message: 'down' });
  const it = setUp(t, { random: 1 }, outbox);
  await it.pass(0);
  assert.deepEqual(it.steps(), ['0 open', '0 send 0 1', '0 finish']);
  return it;
}

void test('after several failures sessions grow, with pauses between them', async (t) => {
  const { delivery, outbox, pass, steps } = await returning(t);
  assert.deepEqual(delivery.state(), {
    connected: false,
    lastDelivered: 1_000_000,
    lastError: null,
    next: null,
  });
  delivery.wake();
  await pass(1950);
  assert.equal(steps().length, 3, 'new results do not end the pause');
  await pass(2000);
  assert.deepEqual(steps().slice(3), [
    '2000 open',
    '2000 send 4',
    '2000 finish',
    '3000 open',
    '3000 send 4',
    '3000 finish',
  ]);
  assert.equal(outbox.done.length, 10);
});

void test('who waits for the end of delivery waits for no pause', async (t) => {
  const { delivery, outbox, pass, steps } = await returning(t);
  const settled = delivery.settled();
  await pass(200);
  assert.equal(await settled, true);
  assert.equal(steps().at(-1), '200 finish');
  assert.equal(outbox.done.length, 10);
});

void test('a failure on the way back costs one more pause', async (t) => {
  const { behaviour, pass, steps } = await returning(t);
  behaviour.open = down;
  await pass(2000);
  delete behaviour.open;
  await pass(3000);
  assert.deepEqual(steps().slice(3, 6), ['2000 open', '4000 open', '4000 send 2 3']);
});
