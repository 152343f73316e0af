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
    const clients: string[] = [];
    const refuse = (count: number) => {
      const first = clients.length;
      for (let n = first; n < first + count; n++) clients.push(`10.0.${n >> 8}.${n & 255}`);
      const lines = clients.slice(first).map((client, n) => `${refusal(client, first + n)}\n`);
      appendFileSync(log, lines.join(''));
    };
    refuse(COUNT);
    const [command = '', ...args] = here.run;
    const agent = program(t, command, [...args, process.execPath, CLI, 'run', '--config', config]);
    await until('a warning', () => /did not answer in 1 s.*kind=down/.test(agent.stderr()));
    const waiting = async () => (await status(t, config))?.monitors[0]?.waiting;
    await until('all to be read', async () => (await waiting()) === COUNT);
    assert.deepEqual(nsca.commands(), []);

    const arrived = () =>
      new Set(nsca.commands().map((line) => /;Denied sshd-(\S+)/.exec(line)?.[1]));
    const isCut = () => /does not answer.*kind=unknown/.test(agent.stderr());
    // Once more where the session is over before this process, held up, can cut it.
    for (; !isCut(); refuse(COUNT)) {
      const before = nsca.commands().length;
      blackHole(false);
      await until('some results', () => nsca.commands().length > before + 100);
      blackHole(true);
      await until('the end of the session', () => isCut() || arrived().size === clients.length);
    }
    blackHole(false);
    await until('all', () => arrived().size === clients.length);
    await until('the end of the trouble', () => agent.stderr().includes('takes results again'));
    assert.deepEqual(arrived(), new Set(clients));
    t.diagnostic(`${nsca.commands().length - clients.length} results arrived twice`);
    agent.kill();
    assert.equal(await agent.end(), 0);
    assert.equal(await waiting(), 0);
  },
);
