import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { CLI, status, writeConfig } from '../support/agent.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

/** A user namespace has a limit of its own on how many inotify instances there may be. */
const WITHOUT = 'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"';

test(
  'where the kernel gives no watches the agent says so, and looks by itself',
  needs('root'),
  async (t) => {
    const dir = tempDir(t);
    const log = join(dir, 'auth.log');
    writeFileSync(log, `${refusal('192.0.2.1', 1)}\n`);
    const config = writeConfig(dir, {
      sources: [{ file: 'auth.log', from: 'start' }],
      monitors: [{ nsca: '127.0.0.1:9', password: 'secret' }],
    });
    const shell = ['--user', '--map-root-user', 'sh', '-c', WITHOUT, 'sh'];
    const run = [process.execPath, CLI, 'run', '--config', config];
    const agent = program(t, 'unshare', [...shell, ...run]);
    const denials = async () => (await status(t, config))?.totals['denials'] ?? 0;
    await until('the first refusal', async () => (await denials()) === 1);
    appendFileSync(log, `${refusal('192.0.2.2', 2)}\n`);
    await until('the second', async () => (await denials()) === 2);
    assert.match(
      agent.stderr(),
      /cannot watch the queue file: .*every 10 s: .*too many open files/,
    );
    agent.kill();
    assert.equal(await agent.end(), 0);
  },
);
