import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { startNrdp } from '../support/nrdp.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

void test('the agent delivers to NRDP, says of a wrong token what it is, and never shows it', async (t) => {
  const nrdp = await startNrdp(t);
  const dir = tempDir(t);
  const [log, token] = [join(dir, 'auth.log'), join(dir, 'token')];
  writeFileSync(log, '');
  writeFileSync(token, 'wrong-but-secret\n', { mode: 0o600 });
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log', from: 'start' }],
    monitors: [{ nrdp: `http://127.0.0.1:${nrdp.port}/nrdp/`, tokenFile: 'token' }],
    heartbeat: { service: 'denywatch', every: '1h' },
    fold: { scan: false },
  });
  const said: string[] = [];
  const run = async (verb: string, ...args: string[]) => {
    const program = denywatch(t, verb, '--config', config, ...args);
    const code = await program.end();
    said.push(program.stdout() + program.stderr());
    return { code, said: said.at(-1)! };
  };

  const check = await run('check');
  assert.equal(check.code, 1);
  assert.match(
    check.said,
    /monitors\.0: \S+ does not know the token: it is none of authorized_tokens/,
  );
  const dry = await run('run', '--dry-run', '--once');
  assert.equal(dry.code, 0, dry.said);

  const agent = denywatch(t, 'run', '--config', config);
  appendFileSync(log, `${refusal('192.0.2.1', 1)}\n`);
  await until('a warning', () => /does not know the token.*kind=unauthorised/.test(agent.stderr()));
  const waiting = async () => (await status(t, config))?.monitors[0]?.waiting;
  await until('both to wait', async () => (await waiting()) === 2);
  assert.deepEqual(nrdp.results(), []);

  writeFileSync(token, `${nrdp.config.token.toString()}\n`);
  agent.kill('SIGHUP');
  await until('both results', () => nrdp.results().length === 2);
  const services = nrdp.results().map(({ service }) => service);
  assert.deepEqual(services.toSorted(), ['TCP Wrappers', 'denywatch']);
  const sent = await run('send', '--now', 'firestorm', 'TCP Wrappers', '1', 'by hand');
  assert.equal(sent.code, 0, sent.said);
  assert.equal(nrdp.results().at(-1)?.output, 'by hand');
  await until('an empty queue', async () => (await waiting()) === 0);
  agent.kill();
  assert.equal(await agent.end(), 0);
  for (const secret of ['wrong-but-secret', nrdp.config.token.toString()]) {
    for (const text of [...said, agent.stderr(), readFileSync(join(dir, 'queue.db'), 'latin1')]) {
      assert.ok(!text.includes(secret));
    }
  }
});
