import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { startNsca, type Nsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const RESULTS = 2000;
/** So many are refused while both monitors are up; what was not delivered when one went may be none. */
const FIRST = 1800;
/** Results that a session cut at the wrong moment may repeat: all of one session. */
const SESSION = 1000;

const clients = Array.from({ length: RESULTS }, (_, n) => `10.0.${n >> 8}.${n & 255}`);

function arrived({ commands }: Nsca): string[] {
  return commands().map((command) => command.split('Denied sshd-')[1] ?? command);
}

void test(
  'two monitors get each result, and one that is down does not hold up the other',
  needs('nsca'),
  async (t) => {
    const dir = tempDir(t);
    const log = join(dir, 'auth.log');
    writeFileSync(log, '');
    const steady = await startNsca(t, { method: 14 });
    const shaky = await startNsca(t, { method: 1, mode: '--single' });
    const config = writeConfig(dir, {
      sources: [{ file: 'auth.log', from: 'start' }],
      monitors: [
        { name: 'shaky', nsca: `127.0.0.1:${shaky.port}`, encryption: 'xor', password: 'secret' },
        { name: 'steady', nsca: `127.0.0.1:${steady.port}`, encryption: 14, password: 'secret' },
      ],
      deliver: 'all',
      fold: { scan: false, storm: false },
    });
    const agent = denywatch(t, 'run', '--config', config);
    const lines = clients.map((client, n) => `${refusal(client, n + 1)}\n`);
    appendFileSync(log, lines.slice(0, FIRST).join(''));

    await until('the middle of a session', () => arrived(shaky).length > RESULTS / 4);
    await shaky.stop('SIGKILL');
    appendFileSync(log, lines.slice(FIRST).join(''));
    await until('the other to get all', () => arrived(steady).length >= RESULTS);
    assert.deepEqual(arrived(steady), clients);
    const monitors = async () =>
      Object.fromEntries((await status(t, config))!.monitors.map((one) => [one.name, one]));
    await until('an empty queue for it', async () => (await monitors())['steady']!.waiting === 0);
    await until('a failure', async () => (await monitors())['shaky']!.failures > 0);
    assert.ok((await monitors())['shaky']!.waiting > 0);

    await shaky.start();
    await until('it to take all', async () => (await monitors())['shaky']!.waiting === 0);
    await until('its last command', () => arrived(shaky).at(-1) === clients.at(-1));
    agent.kill();
    assert.equal(await agent.end(), 0);
    assert.deepEqual([...new Set(arrived(shaky))], clients);
    assert.deepEqual(arrived(steady), clients);
    const repeated = arrived(shaky).length - RESULTS;
    t.diagnostic(`the session that was cut had ${repeated} results, which came twice`);
    assert.ok(repeated <= SESSION, `${repeated} came twice`);
  },
);
