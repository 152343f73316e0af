import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { denywatch, writeConfig } from '../support/agent.ts';
import { tempDir } from '../support/temp.ts';

const BEGIN = Date.UTC(2026, 10, 22, 21, 15);
const HOSTS = 400;
const name = (n: number) => `web${String(n).padStart(4, '0')}`;

/** One client that is refused on each host within a minute; a file for each host. */
function writeLogs(dir: string): void {
  mkdirSync(dir);
  for (let n = 0; n < HOSTS; n++) {
    const time = new Date(BEGIN + n * 125).toISOString();
    const line = `${time} ${name(n)} sshd[${n}]: refused connect from 203.0.113.7 (203.0.113.7)\n`;
    writeFileSync(join(dir, `${name(n)}.log`), line);
  }
}

test('a client that sweeps over 400 hosts of a central log host is one alert with their number', async (t) => {
  const dir = tempDir(t);
  writeLogs(join(dir, 'remote'));
  const config = writeConfig(dir, {
    host: '{host}',
    hosts: { other: 'loghost' },
    sources: [{ file: 'remote/*.log' }],
  });
  const run = denywatch(t, 'run', '--dry-run', '--once', '--config', config);
  assert.equal(await run.end(), 0, run.stderr());
  const results = run.stdout().trim().split('\n');
  assert.equal(results.length, 5);
  assert.deepEqual(
    results.slice(0, 4).map((result) => result.split('\t', 1)[0]),
    [0, 1, 2, 3].map(name),
  );
  assert.match(
    results[4] ?? '',
    /^loghost\t.*\tSweep from 203\.0\.113\.7: refused by sshd on 400 hosts in 60s \(web0000, web0001, web0002, …\)/,
  );
});
