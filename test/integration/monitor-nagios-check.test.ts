/** What `check`, `send --now` and the other verbs say of a real Nagios on this machine. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { CLI, denywatch, writeConfig } from '../support/agent.ts';
import { alertsOf, startNagios, type Nagios } from '../support/nagios.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'nagios4-core', 'acl');
/** A user who is in no group of Nagios. */
const USER = 'nobody';
const HEARTBEAT = /^PASSIVE SERVICE CHECK: firestorm;denywatch;0;denywatch OK/;

function configFor(
  t: TestContext,
  nagios: Nagios,
  path: string,
  {
    timeout = '40s',
    ...more
  }: { readonly timeout?: string; readonly heartbeat?: object; readonly host?: string } = {},
): string {
  const dir = tempDir(t);
  chmodSync(dir, 0o777);
  writeFileSync(join(dir, 'auth.log'), '');
  return writeConfig(dir, {
    sources: [{ file: 'auth.log' }],
    monitors: [{ nagios: path, nagiosConfig: nagios.config, timeout }],
    ...more,
  });
}

/** What `check` says of the monitors, a line each. */
async function check(t: TestContext, config: string, ...as: string[]): Promise<string[]> {
  const [command, ...args] = [...as, process.execPath, CLI, 'check', '--config', config] as const;
  const run = program(t, command, args);
  await run.end();
  assert.equal(run.stderr(), '');
  return run
    .stdout()
    .split('\n')
    .filter((line) => line.includes('monitors.0'));
}

void test(
  'check tells whether Nagios reads the place, and has the host and the service',
  NEEDS,
  async (t) => {
    const nagios = await startNagios(t);
    for (const path of [nagios.spool, nagios.commandFile]) {
      const good = await check(t, configFor(t, nagios, path));
      assert.match(good[0]!, /Nagios (has read a file in|reads) \//);
      assert.match(good.join('\n'), /ok .*Nagios has the service TCP Wrappers of host firestorm/);
      assert.doesNotMatch(good.join('\n'), /problem|note/);
      const nobody = await check(t, configFor(t, nagios, path, { host: 'nobody' }));
      assert.match(nobody.join('\n'), /problem .*Nagios has no host nobody, and drops/);
    }
    const wrong = await check(t, configFor(t, nagios, join(nagios.spool, '..'), { timeout: '5s' }));
    assert.match(
      wrong.join('\n'),
      /nagios\.cfg has check_result_path=\S+checkresults and command_file=/,
    );
  },
);

void test(
  'check tells of a Nagios that takes no passive results or external commands',
  NEEDS,
  async (t) => {
    const settings = ['accept_passive_service_checks=0', 'check_result_reaper_frequency=4'];
    const nagios = await startNagios(t, { settings });
    const found = await check(t, configFor(t, nagios, nagios.spool, { timeout: '5s' }));
    assert.match(found.join('\n'), /set accept_passive_service_checks=1/);
    assert.match(
      found.join('\n'),
      /Nagios reads its spool each 4 s .*: set timeout to 8s at least/,
    );
  },
);

void test('a user who may not write is shown the commands that allow it', NEEDS, async (t) => {
  const nagios = await startNagios(t);
  const as = ['setpriv', `--reuid=${USER}`, '--clear-groups'];
  chmodSync(join(nagios.spool, '..'), 0o750);
  for (const path of [nagios.spool, nagios.commandFile]) {
    if (path === nagios.commandFile) chmodSync(path, 0o660);
    const config = configFor(t, nagios, path);
    const refused = (await check(t, config, ...as)).join('\n');
    const [, commands] = /nobody may not write \S+; as root: (.*)$/m.exec(refused) ?? [];
    assert.ok(commands, refused);
    execFileSync('sh', ['-ec', commands]);
    const good = (await check(t, config, ...as)).join('\n');
    assert.match(good, /Nagios (has read a file in|reads) \//);
  }
  // The pipe that Nagios makes at its next start is open to him as well.
  await nagios.stop();
  execFileSync('rm', ['-f', nagios.commandFile]);
  await nagios.start({ open: false });
  const again = (await check(t, configFor(t, nagios, nagios.commandFile), ...as)).join('\n');
  assert.match(again, /Nagios reads \//);
});

void test(
  'send --now, dry run and heartbeat work by way of the spool and of the pipe',
  NEEDS,
  async (t) => {
    const nagios = await startNagios(t);
    let seen = 0;
    for (const path of [nagios.spool, nagios.commandFile]) {
      seen++;
      const config = configFor(t, nagios, path, { heartbeat: { every: '1s' } });
      const text = `by way of ${path}`;
      const send = denywatch(
        t,
        'send',
        '--now',
        '--config',
        config,
        'firestorm',
        'TCP Wrappers',
        '2',
        text,
      );
      assert.equal(await send.end(), 0, send.stderr());
      await until('the alert', () => alertsOf(nagios).at(-1) === text);
      const dry = denywatch(t, 'run', '--dry-run', '--once', '--config', config);
      assert.equal(await dry.end(), 0, dry.stderr());
      const agent = denywatch(t, 'run', '--config', config);
      await until(
        'the heartbeat',
        () => nagios.log().filter((line) => HEARTBEAT.test(line)).length >= seen,
      );
      agent.kill();
      assert.equal(await agent.end(), 0);
    }
  },
);
