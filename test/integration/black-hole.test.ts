import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { CLI, status, writeConfig } from '../support/agent.ts';
import { twoHosts } from '../support/networks.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const COUNT = 1000;

test(
  'a network that drops packets, before and in the midst of a session, loses nothing',
  needs('root', 'nsca', 'iproute2'),
  async (t) => {
    const dir = tempDir(t);
    const log = join(dir, 'auth.log');
    writeFileSync(log, '');
    const { agent: here, monitor, blackHole } = await twoHosts(t);
    const nsca = await startNsca(t, { run: monitor.run, address: monitor.address });
    const config = writeConfig(dir, {
      sources: [{ file: 'auth.log', from: 'start' }],
      monitors: [{ nsca: `${monitor.address}:${nsca.port}`, password: 'secret', timeout: '1s' }],
      fold: { scan: false, storm: false },
    });
    blackHole(true);
    const clients = Array.from({ length: COUNT }, (_, n) => `10.0.${n >> 8}.${n & 255}`);
    appendFileSync(log, clients.map((client, n) => `${refusal(client, n)}\n`).join(''));
    const [command = '', ...args] = here.run;
    const agent = program(t, command, [...args, process.execPath, CLI, 'run', '--config', config]);
    await until('a warning', () => /did not answer in 1 s.*kind=down/.test(agent.stderr()));
    assert.equal((await status(t, config))?.monitors[0]?.waiting, COUNT);
    assert.deepEqual(nsca.commands(), []);

    blackHole(false);
    await until('the first results', () => nsca.commands().length > 100, 30_000);
    blackHole(true);
    await until(
      'the end of the session',
      () => /does not answer.*kind=unknown/.test(agent.stderr()),
      30_000,
    );
    blackHole(false);
    const arrived = () =>
      new Set(nsca.commands().map((line) => /;Denied sshd-(\S+)/.exec(line)?.[1]));
    await until(`all\n${agent.stderr()}`, () => arrived().size === COUNT, 30_000);
    await until('the end of the trouble', () => agent.stderr().includes('takes results again'));
    assert.deepEqual(arrived(), new Set(clients));
    t.diagnostic(`${nsca.commands().length - COUNT} of ${COUNT} results arrived twice`);
    agent.kill();
    assert.equal(await agent.end(), 0);
    assert.equal((await status(t, config))?.monitors[0]?.waiting, 0);
  },
);
