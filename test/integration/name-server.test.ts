import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { CLI, writeConfig } from '../support/agent.ts';
import { nameServer } from '../support/name-server.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

test(
  'name servers that are silent, fail or are slow lose nothing, and do not hold a stop up',
  needs('root', 'nsca'),
  async (t) => {
    const dir = tempDir(t);
    const nsca = await startNsca(t);
    const dns = await nameServer(t, dir, '127.0.0.153');
    writeFileSync(join(dir, 'auth.log'), `${refusal('192.0.2.1', 1)}\n`);
    const configure = (timeout: string) =>
      writeConfig(dir, {
        sources: [{ file: 'auth.log', from: 'start' }],
        monitors: [{ nsca: `monitor.test:${nsca.port}`, password: 'secret', timeout }],
      });
    const config = configure('2s');
    const run = () => {
      const [command = '', ...args] = dns.run;
      return program(t, command, [...args, process.execPath, CLI, 'run', '--config', config]);
    };

    const first = run();
    await until('a warning', () => /did not answer in 2 s.*kind=down/.test(first.stderr()));
    first.kill();
    // It does not wait for the name server, which would take longer.
    assert.ok([0, 'SIGTERM'].includes(await first.end()));
    assert.match(first.stderr(), /ended; what is not delivered yet waits in the queue\n$/);

    configure('1m');
    dns.behaviour = 'fails';
    const second = run();
    await until('a warning', () => /the name servers do not answer/.test(second.stderr()));
    dns.behaviour = 500;
    await until('the result', () => nsca.commands().length > 0);
    await until('the end of the trouble', () => second.stderr().includes('takes results again'));
    second.kill();
    assert.equal(await second.end(), 0);
    const [command = '', ...more] = nsca.commands();
    assert.match(command, /;Denied sshd-192\.0\.2\.1( at \S+)?$/);
    assert.deepEqual(more, []);
  },
);
