import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

void test('verbs say that an agent runs if it does not answer them', async (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'auth.log'), '');
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log' }],
    monitors: [{ nsca: '127.0.0.1:9', password: 'secret' }],
  });
  const agent = denywatch(t, 'run', '--config', config);
  await until('the agent', async () => (await status(t, config))?.agent);
  process.kill(agent.pid, 'SIGSTOP');
  const asked = ['test', 'reload', 'status'].map(async (verb) => {
    const run = denywatch(t, verb, '--config', config);
    assert.equal(await run.end(), 1, verb);
    const text = (run.stdout() + run.stderr()).replaceAll(/\s+/g, ' ');
    assert.match(text, /the agent is running, but does not answer/, verb);
  });
  await Promise.all(asked);
  process.kill(agent.pid, 'SIGCONT');
  agent.kill();
  await agent.end();
});
