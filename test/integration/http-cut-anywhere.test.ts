import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { MonitorError } from '../../src/monitor/error.ts';
import { openIcinga2 } from '../../src/monitor/icinga2/icinga2.ts';
import type { Monitor } from '../../src/monitor/monitor.ts';
import { openNrdp } from '../../src/monitor/nrdp/nrdp.ts';
import { critical } from '../delivery/memory-outbox.ts';
import { faultProxy, halfOpenAfter, resetAfter, type FaultProxy } from '../support/fault-proxy.ts';
import { startIcinga2 } from '../support/icinga2.ts';
import { startNrdp } from '../support/nrdp.ts';
import { needs } from '../support/packages.ts';
import { until } from '../support/until.ts';

/** Points at which a session is cut; more of them with DENYWATCH_LONG. */
const POINTS = process.env['DENYWATCH_LONG'] === undefined ? 20 : 700;
const RESULTS = 3;
/** What cuts a session, and how long an answer is waited for then, ms: a reset is noticed without. */
const FAULTS = {
  reset: { fault: resetAfter, timeout: 60_000 },
  dead: { fault: halfOpenAfter, timeout: 250 },
};

/** Sends numbered results; those that count as taken. */
async function send(monitor: Monitor, name: string, signal: AbortSignal): Promise<string[]> {
  const taken: string[] = [];
  const never = new AbortController().signal;
  try {
    const session = await monitor.open(signal);
    const results = Array.from({ length: RESULTS }, (_, n) => critical(`${name}, result ${n}.`));
    await session
      .send(
        results,
        ({ output }, { kind }) => {
          if (kind === 'taken') taken.push(output);
        },
        never,
      )
      .finally(() => session.abort());
  } catch (error) {
    assert.ok(error instanceof MonitorError, String(error));
    assert.ok(['down', 'cut', 'unknown', 'tls', 'protocol'].includes(error.kind), error.kind);
  }
  return taken;
}

/** Cuts sessions through the proxy after more and more bytes, and gives what counts as taken. */
async function cutAnywhere(
  open: (timeout: number) => Monitor,
  proxy: FaultProxy,
  whole: number,
  signal: AbortSignal,
): Promise<string[]> {
  const taken: string[] = [];
  for (const [how, { fault, timeout }] of Object.entries(FAULTS)) {
    for (let point = 0; point < POINTS; point++) {
      const bytes = Math.floor((point * whole) / POINTS);
      proxy.set(fault(bytes));
      taken.push(...(await send(open(timeout), `${how} at ${bytes}`, signal)));
    }
  }
  return taken;
}

void describe('a session by HTTP that is cut at any byte', () => {
  void test('NRDP: what counts as taken has arrived', async (t) => {
    const nrdp = await startNrdp(t);
    const proxy = await faultProxy(t, nrdp.port);
    const places = [{ url: new URL(`http://127.0.0.1:${proxy.port}/nrdp/`), serverName: null }];
    const open = (timeout: number) => openNrdp({ ...nrdp.config, places, timeout });
    const taken = await cutAnywhere(open, proxy, 2400, t.signal);
    const arrived = new Set(nrdp.results().map(({ output }) => output));
    assert.deepEqual(
      taken.filter((output) => !arrived.has(output)),
      [],
    );
    t.diagnostic(`${taken.length} of ${2 * POINTS * RESULTS} results count as taken`);
  });

  void test(
    'Icinga 2: what counts as taken has arrived',
    needs('root', 'icinga2-bin', 'icinga2-common'),
    async (t) => {
      const icinga = await startIcinga2(t);
      const [node] = icinga.nodes;
      const proxy = await faultProxy(t, node!.port);
      const places = [{ url: new URL(`https://127.0.0.1:${proxy.port}/`), serverName: 'mon' }];
      const open = (timeout: number) => openIcinga2({ ...icinga.config, places, timeout });
      const taken = await cutAnywhere(open, proxy, 11_000, t.signal);
      const arrived = () => new Set(node!.processed().map(({ output }) => output));
      await until('what counts as taken', () => taken.every((output) => arrived().has(output)));
      t.diagnostic(`${taken.length} of ${2 * POINTS * RESULTS} results count as taken`);
      assert.ok(taken.length > 0 && taken.length < 2 * POINTS * RESULTS);
    },
  );
});
