import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { CLI, writeConfig } from '../support/agent.ts';
import { journald, type Journald } from '../support/journald.ts';
import { tempDir } from '../support/temp.ts';

const refused = (client: string) => `refused connect from ${client} (${client})`;

/** The first line that a verb writes beside the journal, and its exit status. */
function first(journal: Journald, ...words: string[]): string {
  const command = '"$@"; echo "exit $?"';
  const text = journal.run('sh', '-c', command, 'sh', process.execPath, CLI, ...words);
  const lines = text.trimEnd().split('\n');
  return `${lines[0]}; ${lines.at(-1)}`;
}

test(
  'what is in a journal, in files of several hosts, or in both, is accounted for once, and what was vacuumed is named',
  needs('root', 'systemd'),
  async (t) => {
    const journal = await journald(t);
    const dir = tempDir(t);
    const remote = join(dir, 'remote');
    const auth = join(dir, 'auth.log');
    mkdirSync(remote);
    writeFileSync(auth, '');
    const config = writeConfig(dir, {
      host: '{host}',
      hosts: { other: 'loghost' },
      sources: [
        { journal: {}, from: 'end' },
        { file: 'auth.log', from: 'start' },
        { file: 'remote/*.log', from: 'start' },
      ],
      monitors: [{ nsca: '127.0.0.1:1', password: 'p' }],
      fold: { storm: false },
    });
    const run = () => first(journal, 'run', '--once', '--config', config);
    const verify = () => first(journal, 'verify', '--config', config);
    const both = (...clients: string[]) => {
      journal.log('sshd', ...clients.map(refused));
      const text = journal.run('journalctl', '-t', 'sshd', '-o', 'short-iso-precise', '-q');
      const lines = text
        .split('\n')
        .filter((line) => clients.some((it) => line.includes(`${it} `)));
      // The pid is what journald knows of logger: a syslogd that gets none writes none.
      appendFileSync(auth, `${lines.join('\n').replaceAll(/ sshd\[\d+\]: /g, ' sshd: ')}\n`);
    };
    const write = (host: string, client: string) => {
      const line = `${new Date().toISOString()} ${host} sshd[7]: ${refused(client)}\n`;
      appendFileSync(join(remote, `${host}.log`), line);
    };
    journal.log('sshd', refused('192.0.2.1'));
    write('web1', '192.0.2.2');
    run();
    both('192.0.2.3', '192.0.2.4');
    write('web1', '192.0.2.5');
    write('web2', '192.0.2.5');
    run();
    assert.match(verify(), /^all accounted for: 5 refusals, .*; exit 0$/);
    writeFileSync(`${auth}.1.gz`, gzipSync(readFileSync(auth)));
    rmSync(auth);
    await journal.reboot();
    both('192.0.2.6');
    write('web2', '192.0.2.7');
    run();
    journal.log('sshd', refused('192.0.2.8'));
    assert.match(
      verify(),
      /^all accounted for: 7 refusals, .* 1 in the logs and not read yet; exit 0$/,
    );
    run();
    journal.run('journalctl', '--rotate');
    journal.log('sshd', 'Server listening on 0.0.0.0 port 22.');
    journal.run('journalctl', '--rotate');
    journal.run('journalctl', '--vacuum-files=1');
    const after = journal.run(
      'sh',
      '-c',
      '"$@" || true',
      'sh',
      process.execPath,
      CLI,
      'verify',
      '--config',
      config,
    );
    assert.match(after, /^NOT all accounted for: 8 refusals/);
    assert.match(after, / sshd 192\.0\.2\.8: 1 refusal counted and not in the logs/);
    assert.match(after, /possible reason: logs of that time are gone/);
  },
);
