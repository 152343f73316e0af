import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { describe, type TestContext } from 'node:test';
import { denywatch, writeConfig } from '../support/agent.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

/** An agent with two monitors, of which the first that takes a result gets it. */
async function twoMonitors(t: TestContext) {
  const [first, second] = [await startNsca(t, { mode: '--single' }), await startNsca(t)];
  const dir = tempDir(t);
  writeFileSync(join(dir, 'auth.log'), '');
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log' }],
    monitors: [first, second].map(({ port }) => ({
      nsca: `127.0.0.1:${port}`,
      encryption: 'xor',
      password: 'secret',
    })),
    deliver: 'first',
  });
  const agent = denywatch(t, 'run', '--config', config);
  await until('the agent', () => agent.stderr().includes('reporting to'));
  /** Sends a result, and gives whether the first got it. */
  const send = async (output: string) => {
    const sender = denywatch(t, 'send', '--config', config, 'gw', 'failover', 'ok', output);
    assert.equal(await sender.end(), 0, sender.stderr());
    const got = await until(output, () =>
      [first, second].find(({ commands }) => commands().some((line) => line.endsWith(output))),
    );
    return { first: got === first };
  };
  return { first, second, send };
}

/** Takes connections and says nothing, as a daemon that is stuck. Gives a way to end it. */
async function silence(t: TestContext, port: number): Promise<() => void> {
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume();
    ended.signal.addEventListener('abort', () => socket.destroy());
  });
  const ended = new AbortController();
  t.after(() => ended.abort());
  server.listen({ port, host: '127.0.0.1', signal: ended.signal });
  await once(server, 'listening');
  return () => ended.abort();
}

void describe('with `deliver: first`', { concurrency: 2, ...needs('nsca') }, () => {
  for (const fault of ['killed', 'stuck']) {
    void test(`results go to the second while the first is ${fault}, then back`, async (t) => {
      const { first, second, send } = await twoMonitors(t);
      assert.ok((await send('before')).first);
      await first.stop('SIGKILL');
      const unstick = fault === 'stuck' ? await silence(t, first.port) : () => {};
      const over = await send('meanwhile');
      assert.equal(over.first, false);

      unstick();
      await first.start();
      const began = performance.now();
      const outputs = ['meanwhile'];
      await until('the first to be used again', async () => {
        const output = `try ${outputs.length}`;
        outputs.push(output);
        return (await send(output)).first;
      });
      t.diagnostic(`back after ${(performance.now() - began) | 0} ms`);
      // What was just sent when the first was killed may come twice; all else comes once.
      const came = [...first.commands(), ...second.commands()];
      for (const output of outputs)
        assert.equal(came.filter((line) => line.endsWith(`;${output}`)).length, 1, output);
    });
  }
});
