import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { loadWithoutMonitors } from '../../src/agent/config.ts';
import { verify } from '../../src/verify/verify.ts';
import { writeConfig } from '../support/agent.ts';
import { CountingAgent } from '../support/counting-agent.ts';
import { tempDir } from '../support/temp.ts';

/** More than the agent itself remembers of connections that may be in another log. */
const REFUSALS = process.env['DENYWATCH_LONG'] === undefined ? 3_000 : 250_000;
/** How many are written before the agent reads them. */
const AT_ONCE = 1_000;
const HOUR = 3_600_000;

test('refusals in two logs are recognised, however much faster one of them is read', async (t) => {
  const dir = tempDir(t);
  const logs = ['short.log', 'long.log'].map((name) => join(dir, name));
  for (const log of logs) writeFileSync(log, '');
  const path = writeConfig(dir, {
    sources: logs.map((file) => ({ file, from: 'start' })),
    monitors: [{ nsca: '127.0.0.1:1', password: 'p' }],
    fold: { keys: 2 * AT_ONCE },
  });
  const config = loadWithoutMonitors(path);
  const end = Date.now();
  let now = end - 12 * HOUR;
  const agent = new CountingAgent(config, { once: false, now: () => now });
  const others = `${new Date(now).toISOString()} gw cron[7]: nothing\n`.repeat(20);
  for (let n = 0; n < REFUSALS; n += AT_ONCE) {
    const lines = Array.from({ length: AT_ONCE }, (_, i) => {
      const client = `10.${(n + i) >> 16}.${((n + i) >> 8) & 255}.${(n + i) & 255}`;
      return `${new Date(now).toISOString()} gw sshd[${n + i}]: refused connect from ${client} (${client})\n`;
    });
    appendFileSync(logs[0]!, lines.join(''));
    appendFileSync(logs[1]!, lines.map((line) => others + line).join(''));
    await agent.catchUp();
    now += Math.floor((11 * HOUR * AT_ONCE) / REFUSALS);
  }
  await agent.stop();
  const verdict = await verify(config, { since: end - 24 * HOUR, now: end, host: null });
  assert.equal(verdict.counted, REFUSALS);
  assert.ok(verdict.isGood, JSON.stringify(verdict, null, 1));
});
