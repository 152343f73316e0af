import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { startIcinga2 } from '../support/icinga2.ts';
import { needs } from '../support/packages.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'icinga2-bin', 'icinga2-common');

/** A heartbeat that is missed soon. */
const OBJECTS = `
object Service "late" {
  import "denywatch-heartbeat"
  host_name = "firestorm"
  check_interval = 1s
}
`;

void test(
  'the agent with the objects of etc/icinga2, from a refusal to the notification',
  NEEDS,
  async (t) => {
    const icinga = await startIcinga2(t, { objects: OBJECTS });
    const [node] = icinga.nodes;
    const dir = tempDir(t);
    const log = join(dir, 'auth.log');
    writeFileSync(log, '');
    writeFileSync(join(dir, 'password'), 'change me\n', { mode: 0o600 });
    const config = writeConfig(dir, {
      sources: [{ file: 'auth.log', from: 'start' }],
      monitors: [
        {
          icinga2: `https://127.0.0.1:${node!.port}`,
          user: 'denywatch',
          passwordFile: 'password',
          ca: join(icinga.dir, 'ca', 'ca.crt'),
          serverName: 'mon',
        },
      ],
      fold: { scan: false },
      heartbeat: { service: 'denywatch', every: '10s' },
    });
    const run = async (verb: string, ...args: string[]) => {
      const program = denywatch(t, verb, '--config', config, ...args);
      const code = await program.end();
      return { code, said: program.stdout() + program.stderr() };
    };
    const outputs = (service: string) =>
      node!.processed().flatMap((one) => (one.service === service ? [one.output] : []));

    const check = await run('check');
    assert.match(
      check.said,
      /takes results \(Icinga 2 as denywatch\); delivered means that Icinga has/,
    );
    assert.equal(check.code, 0, check.said);

    const sent = await run('send', '--now', 'firestorm', 'TCP Wrappers', '2', 'sent by hand');
    assert.equal(sent.code, 0, sent.said);
    const unknown = await run('send', '--now', 'firestorm', 'nope', '2', 'x');
    assert.notEqual(unknown.code, 0);
    assert.match(unknown.said, /Icinga does not know firestorm!nope/);

    const agent = denywatch(t, 'run', '--config', config);
    appendFileSync(log, [1, 2, 3].map((n) => `${refusal(`192.0.2.${n}`, n)}\n`).join(''));
    const notified = () =>
      icinga.notifications().filter((line) => /TCP Wrappers/.test(line) && /CRITICAL/.test(line));
    await until('four notifications', () => notified().length >= 4);
    await until('what Icinga has processed', () => outputs('TCP Wrappers').length >= 4);
    assert.deepEqual(outputs('TCP Wrappers'), [
      'sent by hand',
      ...[1, 2, 3].map((n) => `Denied sshd-192.0.2.${n}`),
    ]);
    // Each result of a volatile service notifies, though the state is the same.
    for (const n of [1, 2, 3]) {
      assert.equal(notified().filter((line) => line.includes(`192.0.2.${n}`)).length, 1);
    }
    await until('a heartbeat', () => outputs('denywatch').length > 0);
    await until('what Icinga says itself of a missed heartbeat', () =>
      outputs('late').includes('CRITICAL: nothing heard from denywatch for 15 minutes'),
    );
    const state = async () => (await status(t, config))?.monitors[0];
    await until('an empty queue', async () => (await state())?.waiting === 0);
    const { name, failures } = (await state())!;
    assert.deepEqual([name, failures], [`127.0.0.1:${node!.port}`, 0]);
    agent.kill();
    assert.equal(await agent.end(), 0);
  },
);
