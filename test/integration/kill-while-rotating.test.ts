import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'node:test';
import { denywatch, status, verified, writeConfig } from '../support/agent.ts';
import { rotation } from '../support/rotation.ts';
import { randomFrom } from '../support/random.ts';
import { until } from '../support/until.ts';

const WAYS = [
  { modes: 'create,copytruncate,double,late,truncburst', kills: 20, lines: 200_000 },
  ...['dated', 'olddir', 'xz', 'longer'].map((modes) => ({ modes, kills: 6, lines: 50_000 })),
];

for (const { modes, kills, lines: wanted } of WAYS)
  test(`killed ${kills} times, with rotations (${modes}) while it is down, the agent counts every refusal once`, async (t) => {
    const log = rotation(t);
    const dir = join(log.path, '..');
    const config = writeConfig(dir, {
      sources: [{ file: log.path, from: 'start' }],
      monitors: [{ nsca: '127.0.0.1:9', encryption: 'aes', password: 'x' }],
      // The lines are of November, and count then if they are read late.
      history: { keep: '3650d' },
    });
    const first = denywatch(t, 'run', '--config', config);
    await until(
      'the first start',
      async () => (await status(t, config))?.agent?.streams.length === 1,
    );
    first.kill('SIGKILL');
    const written = log.write(modes, wanted, 10_000, 700);
    const random = randomFrom(20);
    let said = '';
    for (let killed = 0; killed < kills; killed++) {
      const agent = denywatch(t, 'run', '--config', config);
      await until('the agent', () => agent.stderr().includes('reading'));
      await pause(random(600));
      agent.kill('SIGKILL');
      await agent.end();
      said += agent.stderr();
      await pause(random(200));
    }
    const agent = denywatch(t, 'run', '--config', config);
    await until(
      'the last agent',
      async () => (await status(t, config))?.agent?.streams.length === 1,
    );
    const lines = await written;
    const counted = async () => (await status(t, config))?.totals['denials'] ?? 0;
    await until(`${lines} denials`, async () => (await counted()) >= lines).catch(() => {});
    assert.doesNotMatch(said, /lost/);
    const open = (await status(t, config))?.agent?.open ?? 0;
    agent.kill();
    assert.equal(await agent.end(), 0);
    assert.equal(await counted(), lines, agent.stderr());
    const db = new DatabaseSync(join(dir, 'queue.db'));
    const reported = Number(db.prepare('SELECT sum(denials) AS n FROM result').get()?.['n']);
    db.close();
    t.diagnostic(
      `${lines} refusals, ${kills} kills: ${reported} in alerts, ${open} in open windows`,
    );
    assert.equal(reported + open, lines);
    t.diagnostic(await verified(t, config, '400d'));
  });
