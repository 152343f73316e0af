import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Queue } from '../../src/queue/queue.ts';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const ALERTS = 50_000;
const DAY = 86_400_000;

test('after an outage of a day 50,000 alerts are three results', needs('nsca'), async (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'auth.log'), '');
  const nsca = await startNsca(t, { mode: '--single' });
  const monitor = `127.0.0.1:${nsca.port}`;
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log' }],
    monitors: [{ nsca: monitor, password: 'secret' }],
  });
  const began = Date.now() - DAY;
  const bounds = { results: 100_000, size: 1 << 28, keep: 7 * DAY };
  const queue = new Queue(join(dir, 'queue.db'), { bounds, now: () => began });
  queue.put(
    Array.from({ length: ALERTS }, (_, n) => ({
      monitor,
      at: began + n * 1000,
      host: 'firestorm',
      service: 'TCP Wrappers',
      state: 2 as const,
      output: `Denied sshd-10.0.${n >> 8}.${n & 255}`,
      denials: 1,
      value: 0,
    })),
  );
  queue
    .outbox(monitor)
    .saveBackoff({ failures: 9, next: 0, kind: 'down', message: 'nobody listens' });
  queue.close();

  const agent = denywatch(t, 'run', '--config', config);
  await until('an empty queue', async () => (await status(t, config))?.monitors[0]?.waiting === 0);
  await until('the digest', () => nsca.commands().length === 3);
  const [first = '', second = '', digest = ''] = nsca.commands();
  assert.match(first, /;Denied sshd-10\.0\.0\.0 at /);
  assert.match(second, /;Denied sshd-10\.0\.0\.1 at /);
  assert.match(
    digest,
    /;2;Digest: denied 49998 connections between .*, in 49998 alerts that waited$/,
  );
  assert.equal((await status(t, config))?.totals['digested'], ALERTS - 2);
  agent.kill();
  assert.equal(await agent.end(), 0);
});
