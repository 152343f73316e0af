import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { pino } from 'pino';
import { startDelivery } from '../../src/delivery/delivery.ts';
import { openIcinga2 } from '../../src/monitor/icinga2/icinga2.ts';
import { memoryOutbox } from '../delivery/memory-outbox.ts';
import { startIcinga2, type Icinga2, type Icinga2Node } from '../support/icinga2.ts';
import { needs } from '../support/packages.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'icinga2-bin', 'icinga2-common');

const COUNT = 2000;
const SERVICES = Array.from({ length: 8 }, (_, i) => `service ${i}`);
const OBJECTS = SERVICES.map(
  (name) =>
    `object Service "${name}" {\n  import "denywatch-event"\n  host_name = "firestorm"\n  enable_notifications = false\n}\n`,
).join('');

/** What came of results that were delivered while something was done to Icinga. */
interface Outcome {
  /** Numbers of the results of each service, in the order in which the node processed them. */
  readonly processed: readonly (readonly number[])[];
  /** The same for those that count as delivered. */
  readonly delivered: readonly (readonly number[])[];
}

async function deliver(
  t: TestContext,
  icinga: Icinga2,
  node: Icinga2Node,
  disturb: () => Promise<void>,
): Promise<Outcome> {
  const outbox = memoryOutbox();
  const before = node.processed().length;
  const add = (first: number, count: number) => {
    outbox.add(...Array.from({ length: count }, (_, i) => String(first + i)));
    for (const [i, result] of outbox.queued.entries()) {
      const number = Number(result.output);
      outbox.queued[i] = { ...result, service: SERVICES[number % SERVICES.length]! };
    }
  };
  add(0, COUNT);
  const log = pino({ level: 'silent' });
  const pace = { results: null, every: null };
  const delivery = startDelivery(openIcinga2(icinga.config), outbox, { pace, log });
  t.after(() => delivery.stop(0));
  await until('some results', () => outbox.done.length >= 300);
  await disturb();
  await until('all to be delivered', () => outbox.queued.length === 0);
  // It notifies every second: when it has notified of one more result of each service, nothing comes
  // any more of those before.
  add(COUNT, SERVICES.length);
  delivery.wake(true);
  await until('the marks to be delivered', () => outbox.queued.length === 0);
  await delivery.stop(1000);
  assert.deepEqual(outbox.aside, []);
  const came = () =>
    node
      .processed()
      .slice(before)
      .map(({ output }) => Number(output));
  const marks = SERVICES.map((_, i) => COUNT + i);
  await until('the marks', () => marks.every((number) => came().includes(number)));
  const results = (numbers: readonly number[]) =>
    byService(numbers.filter((number) => number < COUNT));
  return { processed: results(came()), delivered: results(outbox.done.map(Number)) };
}

function byService(numbers: readonly number[]): number[][] {
  return SERVICES.map((_, i) => numbers.filter((number) => number % SERVICES.length === i));
}

/** How many results were processed once more. */
function twice({ processed }: Outcome): number {
  return processed.flat().length - new Set(processed.flat()).size;
}

function assertOrder({ processed, delivered }: Outcome): void {
  for (const [i, numbers] of delivered.entries()) {
    assert.deepEqual(numbers, byService([...Array(COUNT).keys()])[i]);
    const once = processed[i]!.filter((number, n) => number !== processed[i]![n - 1]);
    assert.deepEqual(
      once,
      once.toSorted((a, b) => a - b),
      `order of service ${i}`,
    );
  }
}

void test('a reload, a restart or a kill amid 2,000 results loses none', NEEDS, async (t) => {
  const icinga = await startIcinga2(t, { objects: OBJECTS });
  const [node] = icinga.nodes;
  const ways: Record<string, () => Promise<void>> = {
    reload: () => node!.reload(),
    restart: async () => {
      await node!.stop();
      await node!.start();
    },
    kill: async () => {
      await node!.stop('SIGKILL');
      await node!.start();
    },
  };
  for (const [way, disturb] of Object.entries(ways)) {
    const outcome = await deliver(t, icinga, node!, disturb);
    assertOrder(outcome);
    const reported = new Set(outcome.processed.flat()).size;
    t.diagnostic(`${way}: ${reported} of ${COUNT} reported by Icinga, ${twice(outcome)} twice`);
    // Only what was on its way when the connections broke may come again.
    assert.ok(twice(outcome) <= icinga.config.connections, `${twice(outcome)} came twice`);
    // Not all: Icinga stops notifying before it stops taking results; version 2.13 still answers 200.
    assert.ok(reported > 0);
  }
});

void test('of two nodes of a zone one is killed: the other takes the rest', NEEDS, async (t) => {
  const icinga = await startIcinga2(t, { nodes: ['mon1', 'mon2'], objects: OBJECTS });
  const [first, second] = icinga.nodes;
  await until('the nodes to be connected', () =>
    /Finished syncing|Sync.*finished/i.test(second!.log()),
  );
  const outcome = await deliver(t, icinga, second!, () => first!.stop('SIGKILL'));
  assertOrder(outcome);
  assert.ok(twice(outcome) <= icinga.config.connections, `${twice(outcome)} came twice`);
  const reported = new Set(outcome.processed.flat()).size;
  t.diagnostic(
    `${reported} of ${COUNT} reported by the node that went on, ${twice(outcome)} twice`,
  );
  const found = await openIcinga2(icinga.config).probe([], t.signal);
  assert.deepEqual(found.map(({ kind }) => kind).toSorted(), ['ok', 'problem']);
});
