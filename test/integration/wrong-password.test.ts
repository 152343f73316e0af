import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { denywatch, writeConfig } from '../support/agent.ts';
import { needs } from '../support/packages.ts';
import { startNsca } from '../support/nsca.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

test(
  'a wrong password is reported, drops nothing, and all arrives once it is corrected',
  needs('nsca'),
  async (t) => {
    const dir = tempDir(t);
    const log = join(dir, 'auth.log');
    writeFileSync(log, '');
    const nsca = await startNsca(t, { method: 3, password: 'right' });
    const withPassword = (password: string) =>
      writeConfig(dir, {
        sources: [{ file: 'auth.log' }],
        monitors: [{ nsca: `127.0.0.1:${nsca.port}`, encryption: '3des', password }],
      });
    const config = withPassword('wrong');

    const check = denywatch(t, 'check', '--config', config);
    assert.equal(await check.end(), 1);
    assert.match(
      check.stdout(),
      /^problem +monitors\.0: .*the password or the encryption method differs/m,
    );

    const agent = denywatch(t, 'run', '--config', config);
    await until('the agent', () => agent.stderr().includes('reading'));
    await until('the log to be open', async () => (await status()).agent?.streams.length === 1);
    for (const n of [1, 2, 3]) {
      appendFileSync(
        log,
        `${new Date().toISOString()} gw sshd[${n}]: refused connect from 192.0.2.${n} (192.0.2.${n})\n`,
      );
    }
    await until('two tries', async () => ((await status()).monitors[0]?.failures ?? 0) >= 2);
    const said = agent.stderr().match(/the password or the encryption method differs/g) ?? [];
    assert.equal(said.length, 1, agent.stderr());
    await until('all three to wait', async () => (await status()).monitors[0]?.waiting === 3);
    assert.deepEqual(nsca.commands(), []);

    withPassword('right');
    agent.kill('SIGHUP');
    await until('all three', () => nsca.commands().length >= 3);
    const sent = nsca.commands().map((command) => command.split(';').at(-1));
    assert.deepEqual(sent, [
      'Denied sshd-192.0.2.1',
      'Denied sshd-192.0.2.2',
      'Denied sshd-192.0.2.3',
    ]);
    await until('an empty queue', async () => (await status()).monitors[0]?.waiting === 0);
    assert.match(agent.stderr(), /takes results again after .*all 3 are delivered/);
    agent.kill();
    assert.equal(await agent.end(), 0);

    async function status() {
      const run = denywatch(t, 'status', '--json', '--config', config);
      await run.end();
      return JSON.parse(run.stdout() || '{"agent":null,"monitors":[]}') as {
        agent: { streams: unknown[] } | null;
        monitors: { waiting: number; failures: number }[];
      };
    }
  },
);
