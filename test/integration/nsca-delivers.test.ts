import assert from 'node:assert/strict';
import test from 'node:test';
import { openNsca } from '../../src/monitor/nsca/nsca.ts';
import { startNsca } from '../support/nsca.ts';
import { until } from '../support/until.ts';

const forever = new AbortController().signal;

function result(output: string) {
  return { at: Date.now(), host: 'firestorm', service: 'TCP Wrappers', state: 2 as const, output };
}

void test('nsca takes one result and several', { concurrency: true }, async (t) => {
  const cases = (['--daemon', '--single'] as const).flatMap((mode) =>
    [0, 1, 2, 3, 14].map((method) => ({ mode, method })),
  );
  await Promise.all(
    cases.map(({ mode, method }) =>
      t.test(`${mode}, method ${method}`, async (t) => {
        const nsca = await startNsca(t, { mode: mode, method, password: 'a pässword ' });
        const monitor = openNsca(nsca.config);
        for (const outputs of [['Denied sshd-203.0.113.7'], ['one', 'zwei: größer', 'three']]) {
          const session = await monitor.open(forever);
          assert.deepEqual(await session.send(outputs.map(result)), []);
          await session.finish();
        }
        const commands = await until('four commands', () =>
          nsca.commands().length >= 4 ? nsca.commands() : null,
        );
        assert.deepEqual(
          commands,
          ['Denied sshd-203.0.113.7', 'one', 'zwei: größer', 'three'].map(
            (output) => `PROCESS_SERVICE_CHECK_RESULT;firestorm;TCP Wrappers;2;${output}`,
          ),
        );
      }),
    ),
  );
});
