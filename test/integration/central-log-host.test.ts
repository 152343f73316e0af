import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { denywatch, writeConfig } from '../support/agent.ts';
import { tempDir } from '../support/temp.ts';

const line = (host: string, n: number) =>
  `2026-11-22T21:15:0${n}.000Z ${host} sshd[${n}]: refused connect from 192.0.2.${n} (192.0.2.${n})\n`;

test('one agent speaks for many hosts, each under its own name, and none under another', async (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'all.log'), ['web1', 'ip-10-0-0-2', 'firewall'].map(line).join(''));
  const config = writeConfig(dir, {
    host: '{host}',
    hosts: { allow: ['web*'], map: { 'ip-10-0-0-2': 'db2' }, other: 'loghost' },
    sources: [{ file: 'all.log' }],
  });
  const run = denywatch(t, 'run', '--dry-run', '--once', '--config', config);
  assert.equal(await run.end(), 0, run.stderr());
  assert.deepEqual(
    run
      .stdout()
      .trim()
      .split('\n')
      .map((result) => result.split('\t', 1)[0]),
    ['web1', 'db2', 'loghost'],
  );
  assert.match(run.stdout(), /Denied sshd-192\.0\.2\.0 at 2026-11-22T21:15:00Z\n/);
});
