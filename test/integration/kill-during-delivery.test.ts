import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'node:test';
import { denywatch, writeConfig } from '../support/agent.ts';
import { needs } from '../support/packages.ts';
import { startNsca } from '../support/nsca.ts';
import { randomFrom } from '../support/random.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const KILLS = 20;
const RESULTS = 20_000;
/** Most results that one session carries: what is sent twice when it is cut. */
const SESSION = 2000;

test(
  `no result is lost when the agent is killed ${KILLS} times while it delivers`,
  needs('nsca'),
  async (t) => {
    const dir = tempDir(t);
    const nsca = await startNsca(t, { method: 14, mode: '--single' });
    const lines = Array.from({ length: RESULTS }, (_, n) => {
      const client = `10.0.${n >> 8}.${n & 255}`;
      return `${new Date().toISOString()} gw sshd[${n}]: refused connect from ${client} (${client})\n`;
    });
    writeFileSync(join(dir, 'auth.log'), lines.join(''));
    const config = writeConfig(dir, {
      sources: [{ file: 'auth.log', from: 'start' }],
      monitors: [{ nsca: `127.0.0.1:${nsca.port}`, encryption: 'aes', password: 'secret' }],
      fold: { scan: false, storm: false, keys: 1_000_000 },
      pace: { results: 100, every: '30ms' },
    });
    const random = randomFrom(20);
    let kills = 0;
    while (kills < KILLS && nsca.commands().length < RESULTS) {
      const before = nsca.commands().length;
      const agent = denywatch(t, 'run', '--config', config);
      await until('delivery to go on', () => nsca.commands().length > before);
      await pause(random(300));
      agent.kill('SIGKILL');
      await agent.end();
      kills++;
    }
    const agent = denywatch(t, 'run', '--config', config);
    await until('all results', () => new Set(nsca.commands()).size === RESULTS);
    agent.kill();
    assert.equal(await agent.end(), 0);
    const commands = nsca.commands();
    const distinct = new Set(commands);
    t.diagnostic(
      `${RESULTS} results, ${kills} kills: ${distinct.size} arrived, ${commands.length - distinct.size} of them twice`,
    );
    assert.equal(distinct.size, RESULTS);
    assert.ok(commands.length - distinct.size <= kills * SESSION);
    for (const command of distinct)
      assert.match(command, /;firestorm;TCP Wrappers;2;Denied sshd-10\.0\.\d+\.\d+/);
  },
);
