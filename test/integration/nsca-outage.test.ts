import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import test, { describe, type TestContext } from 'node:test';
import { pino } from 'pino';
import type { NscaSettings } from '../../src/monitor/nsca/config.ts';
import { startDelivery } from '../../src/delivery/delivery.ts';
import { openNsca } from '../../src/monitor/nsca/nsca.ts';
import { memoryOutbox } from '../delivery/memory-outbox.ts';
import { startNsca, type Nsca } from '../support/nsca.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('nsca');

const COUNT = 5000;

/** Delivers so many numbered results; gives what was logged. */
function deliver(t: TestContext, config: NscaSettings, count: number) {
  const outbox = memoryOutbox();
  outbox.add(...Array.from({ length: count }, (_, i) => `number ${i}`));
  const lines: string[] = [];
  const write = (line: string) => lines.push((JSON.parse(line) as { msg: string }).msg);
  const log = pino({ base: null }, { write });
  const delivery = startDelivery(openNsca(config), outbox, {
    pace: { results: 50, every: 100 },
    log,
  });
  t.after(() => delivery.stop(0));
  return { outbox, delivery, lines };
}

function numbers({ commands }: Nsca): number[] {
  return commands().map((command) => Number(command.split(' ').at(-1)));
}

void describe('an outage', { concurrency: 2 }, () => {
  void test(
    '5,000 results wait while the daemon is down, and arrive in order',
    NEEDS,
    async (t) => {
      const nsca = await startNsca(t, { method: 14 });
      await nsca.stop();
      const { delivery, outbox, lines } = deliver(t, nsca.config, COUNT);
      await until('a failure', () => delivery.state().lastError !== null);
      assert.equal(delivery.state().lastError?.kind, 'down');
      await nsca.start();
      delivery.wake(true);
      await until('all to be delivered', () => outbox.queued.length === 0);
      await until('the log', () => lines.length === 2);
      await until('every number', () => nsca.commands().length === COUNT);
      assert.deepEqual(
        numbers(nsca),
        Array.from({ length: COUNT }, (_, i) => i),
      );
      assert.match(lines[0]!, /connection refused/);
      assert.match(lines[1]!, /takes results again after .*; all 5000 are delivered/);
    },
  );

  void test(
    'a daemon killed in mid-session: all arrive, only the cut session twice',
    NEEDS,
    async (t) => {
      const nsca = await startNsca(t, { method: 1, mode: '--single' });
      const { delivery, outbox } = deliver(t, nsca.config, COUNT);
      const kills = 10;
      for (let i = 0; i < kills; i++) {
        const before = nsca.commands().length;
        await until('more results', () => nsca.commands().length > before + 50 * i);
        const sessions = outbox.saved.length;
        await nsca.stop('SIGKILL');
        await until('the end of the session', () => outbox.saved.length > sessions);
        await nsca.start();
        delivery.wake(true);
      }
      await until('all to be delivered', () => outbox.queued.length === 0);
      await until('every number', () => new Set(numbers(nsca)).size === COUNT);
      const came = numbers(nsca);
      const rewinds = came.flatMap((n, i) =>
        i > 0 && n <= came[i - 1]! ? [came[i - 1]! - n] : [],
      );
      assert.ok(rewinds.length <= kills, `${rewinds.length} sessions were repeated`);
      assert.ok(Math.max(...rewinds) < 1000, `${Math.max(...rewinds)} were repeated at once`);
    },
  );

  void test(
    'with a wrong password nothing is dropped, and the right one delivers all',
    NEEDS,
    async (t) => {
      const nsca = await startNsca(t, { mode: '--single' });
      const wrong = { ...nsca.config, password: Buffer.from('wrong') };
      const { delivery, outbox, lines } = deliver(t, wrong, 300);
      await until('some failures', () => (outbox.saved.at(-1)?.failures ?? 0) >= 3);
      await delivery.stop(1000);
      assert.equal(lines.length, 1);
      assert.match(lines[0]!, /the password or the encryption method differs/);
      assert.equal(outbox.queued.length, 300);
      assert.ok(outbox.queued[0]!.attempts >= 3);

      outbox.saveBackoff({ failures: 0, next: 0, kind: null, message: null });
      const log = pino({ level: 'silent' });
      const mended = startDelivery(openNsca(nsca.config), outbox, {
        pace: { results: 50, every: 100 },
        log,
      });
      t.after(() => mended.stop(0));
      await until('all to be delivered', () => outbox.queued.length === 0);
      await until('every number', () => new Set(numbers(nsca)).size === 300);
    },
  );

  void test('stopping in mid-session delivers what is on its way', NEEDS, async (t) => {
    const nsca = await startNsca(t, { mode: '--single' });
    const { delivery, outbox } = deliver(t, nsca.config, COUNT);
    await until('a start', () => nsca.commands().length > 0);
    await pause(150);
    await delivery.stop(60_000);
    const left = outbox.queued.length;
    assert.ok(left > 0 && left < COUNT);
    assert.equal(outbox.done.length, COUNT - left);
    await until('the commands', () => nsca.commands().length === COUNT - left);
  });
});
