import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const SUPPORT = new URL('../support/', import.meta.url).href;

/** A test file whose test never ends, with an agent, an NSCA daemon and the sink behind it. */
const HANGING = `
  import test from 'node:test';
  import { writeFileSync } from 'node:fs';
  import { denywatch, writeConfig } from '${SUPPORT}agent.ts';
  import { startNsca } from '${SUPPORT}nsca.ts';
  import { until } from '${SUPPORT}until.ts';
  test('hangs', async (t) => {
    const dir = process.env.DIR;
    writeFileSync(dir + '/auth.log', '');
    const nsca = await startNsca(t);
    const config = writeConfig(dir, {
      sources: [{ file: 'auth.log' }],
      monitors: [{ nsca: '127.0.0.1:' + nsca.port }],
    });
    const agent = denywatch(t, 'run', '--config', config);
    await until('the agent', () => agent.stderr().includes('reading'));
    writeFileSync(dir + '/pid', String(process.pid));
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  });
`;

for (const [who, signal] of [
  ['the run', 'SIGTERM'],
  ['the run', 'SIGINT'],
  ["the file's process", 'SIGKILL'],
] as const) {
  test(
    `a test run leaves no program behind when ${who} is ended by ${signal}`,
    needs('nsca'),
    async (t) => {
      const dir = tempDir(t);
      const file = join(dir, 'hangs.test.ts');
      writeFileSync(file, HANGING);
      // Not the environment of this run, in which a run is no run of its own.
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const run = program(t, process.execPath, ['--test', file], { env: { ...env, DIR: dir } });
      await until('the programs', () => existsSync(join(dir, 'pid')));
      // The run, the file's process, the agent, the daemon and the sink behind it.
      assert.ok(running(dir).length >= 5, running(dir).join(', '));

      if (who === 'the run') run.kill(signal);
      else process.kill(Number(readFileSync(join(dir, 'pid'), 'utf8')), signal);
      await until('the end of all of them', () => running(dir).length === 0);
    },
  );
}

/** A test file whose process spins after its test, as Node's own clean-up was seen to do. */
const SPINNING = `
  import test from 'node:test';
  import { program } from '${SUPPORT}program.ts';
  test('is over', async (t) => {
    await program(t, 'true', []).end();
    process.on('exit', () => {
      for (;;);
    });
  });
`;

test("a test file's process that does not end after its tests is killed, and the run fails", async (t) => {
  const dir = tempDir(t);
  const file = join(dir, 'spins.test.ts');
  writeFileSync(file, SPINNING);
  const { NODE_TEST_CONTEXT: _, ...given } = process.env;
  const env = { ...given, DIR: dir, DENYWATCH_LAST: '1' };
  const run = program(t, process.execPath, ['--test', file], { env });
  assert.equal(await run.end(), 1, run.stdout());
  assert.match(run.stdout(), /✔ is over/);
  await until('the end of all of them', () => running(dir).length === 0);
});

/** The processes that were started with this in their environment. */
function running(dir: string): string[] {
  return globSync('/proc/[0-9]*/environ').filter((file) => {
    try {
      return readFileSync(file, 'latin1').includes(`DIR=${dir}\0`);
    } catch {
      return false; // It has ended, or is another user's.
    }
  });
}
