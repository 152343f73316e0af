/** The same backlog in a file, in a real journal, and in both. */
import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { CLI } from '../support/agent.ts';
import { journald } from '../support/journald.ts';
import { tempDir } from '../support/temp.ts';

const REFUSALS = 2000;

test(
  'a backlog of 2,000 clients gives the same alerts from a file, the journal, and both',
  needs('root', 'systemd'),
  async (t) => {
    const journal = await journald(t);
    const clients = Array.from({ length: REFUSALS }, (_, i) => `198.18.${i >> 8}.${i & 255}`);
    journal.log('sshd', ...clients.map((client) => `refused connect from ${client} (${client})`));
    const dir = tempDir(t);
    const log = join(dir, 'auth.log');
    // The pid is what journald knows of logger: a syslogd that gets none writes none.
    const text = journal.run('journalctl', '-t', 'sshd', '-o', 'short-iso-precise', '-q');
    writeFileSync(log, text.replaceAll(/ sshd\[\d+\]: /g, ' sshd: '));

    const alerts = (sources: string) => {
      const config = join(dir, 'denywatch.yaml');
      writeFileSync(config, `host: gw\nsources:\n${sources}monitors:\n  - nsca: 127.0.0.1:1\n`);
      const printed = journal.run(
        process.execPath,
        CLI,
        'run',
        '--config',
        config,
        '--dry-run',
        '--once',
        '--json',
      );
      const lines = printed
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { output: string });
      return lines.map(({ output }) => output);
    };
    const file = alerts(`  - file: ${log}\n    from: start\n`);
    assert.ok(file.length > 1 && file.length < 70, `${file.length} alerts`);
    assert.deepEqual(alerts('  - journal: {}\n    from: start\n'), file);
    assert.deepEqual(
      alerts(`  - file: ${log}\n    from: start\n  - journal: {}\n    from: start\n`),
      file,
    );
  },
);
