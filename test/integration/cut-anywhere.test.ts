import assert from 'node:assert/strict';
import test, { describe, type TestContext } from 'node:test';
import { openNsca } from '../../src/monitor/nsca/nsca.ts';
import { critical } from '../delivery/memory-outbox.ts';
import { faultProxy, halfOpenAfter, resetAfter } from '../support/fault-proxy.ts';
import { startNsca, type Nsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { randomFrom } from '../support/random.ts';
import { until } from '../support/until.ts';
import { sendAll } from '../support/session.ts';

const INIT = 132;
const PACKET = 4304;
const RESULTS = 3;
/** All bytes of a session with so many results. */
const WHOLE = INIT + RESULTS * PACKET;
/** Points at which a session is cut; more of them with DENYWATCH_LONG. */
const POINTS = process.env['DENYWATCH_LONG'] === undefined ? 60 : 700;
const AT_ONCE = 20;

const random = randomFrom(4);
/** Every edge of the protocol, and points between, spread over the whole session. */
const points = [
  0,
  1,
  INIT - 1,
  INIT,
  INIT + 1,
  ...Array.from({ length: RESULTS }, (_, n) => INIT + (n + 1) * PACKET).flatMap((edge) => [
    edge - 1,
    edge,
    edge + 1,
  ]),
  ...Array.from(
    { length: POINTS },
    (_, n) => Math.floor((n * WHOLE) / POINTS) + random(Math.floor(WHOLE / POINTS)),
  ),
];

/** Sends numbered results through the proxy; whether the session says that all were taken. */
async function send(t: TestContext, nsca: Nsca, port: number, name: string): Promise<boolean> {
  const monitor = openNsca({ ...nsca.config, port, timeout: 1000 });
  try {
    const session = await monitor.open(t.signal);
    await sendAll(
      session,
      Array.from({ length: RESULTS }, (_, n) => critical(`${name} result ${n}`)),
    );
    await session.finish();
    return true;
  } catch (error) {
    assert.equal((error as Error).name, 'MonitorError', String(error));
    return false;
  }
}

void describe('a session that is cut', { concurrency: 2 }, () => {
  for (const [how, fault] of Object.entries({ reset: resetAfter, dead: halfOpenAfter })) {
    void test(`${how} at any byte is never taken for delivered`, needs('nsca'), async (t) => {
      const nsca = await startNsca(t);
      const left = points.entries();
      const verdicts = { delivered: 0, failed: 0 };
      const work = async () => {
        for (const [i, bytes] of left) {
          const proxy = await faultProxy(t, nsca.port, fault(bytes));
          const name = `cut ${i}`;
          const delivered = await send(t, nsca, proxy.port, name);
          verdicts[delivered ? 'delivered' : 'failed']++;
          if (!delivered) continue;
          const arrived = () => nsca.commands().filter((command) => command.includes(`${name} `));
          await until(`${name}, cut at byte ${bytes}`, () => arrived().length === RESULTS);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      t.diagnostic(`cut at ${points.length} points: ${JSON.stringify(verdicts)}`);
      assert.ok(verdicts.failed >= points.length / 2);
    });
  }
});
