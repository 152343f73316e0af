/** docs/from-the-nagios-recipe.md, step by step: its own scripts, rules and configuration are used. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { parse } from 'yaml';
import { CLI, denywatch, status, writeConfig } from '../support/agent.ts';
import { machine } from '../support/machine.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const PAGE = readFileSync(new URL('../../docs/from-the-nagios-recipe.md', import.meta.url), 'utf8');

const NAGIOS = '/usr/local/nagios';
const SCRIPTS = `${NAGIOS}/libexec/eventhandlers`;
const ALERT = 'PROCESS_SERVICE_CHECK_RESULT;firestorm;TCP Wrappers;2;Denied in.telnetd-';
const PACKAGES = ['nsca', 'nsca-client', 'tcpd', 'openbsd-inetd', 'rsyslog'] as const;

void test(
  'the steps from the recipe to denywatch work as the page says, and can be undone',
  needs('root', ...PACKAGES),
  async (t) => {
    const dir = tempDir(t);
    const nsca = await startNsca(t, { method: 3 });
    const firestorm = await machine(t, dir, 'ALL: ALL\n');
    const port = firestorm.guarded.get('in.telnetd')!;

    // The recipe's folder, with its configuration of send_nsca.
    const nagios = join(dir, 'nagios');
    for (const folder of ['libexec/eventhandlers', 'bin', 'etc']) {
      mkdirSync(join(nagios, folder), { recursive: true });
    }
    symlinkSync('/usr/sbin/send_nsca', join(nagios, 'bin/send_nsca'));
    writeFileSync(join(nagios, 'etc/send_nsca.cfg'), 'password=secret\nencryption_method=3\n');

    // The page's first one is for a Nagios on the same host.
    const [, yaml = ''] = blocks('/etc/denywatch/denywatch.yaml');
    const stated = parse(yaml) as { sources: [{ file: string[] }]; monitors: object[] };
    assert.ok(stated.sources[0].file.length > 0 && stated.monitors.length === 1);
    const config = writeConfig(dir, {
      ...stated,
      sources: [{ file: firestorm.log }],
      monitors: [
        { nsca: `127.0.0.1:${nsca.port}`, sendNscaConfig: join(nagios, 'etc/send_nsca.cfg') },
      ],
    });

    /** What the page says, with this test's places in it. */
    const here = (text: string) =>
      text
        .replaceAll(NAGIOS, nagios)
        .replaceAll('send_nsca monitor', `send_nsca 127.0.0.1 -p ${nsca.port}`)
        .replaceAll(
          /(?:\/usr\/bin\/)?denywatch (denied|send)/g,
          `${process.execPath} ${CLI} $1 --config ${config}`,
        );
    const script = (name: string, text: string) =>
      writeFileSync(join(nagios, 'libexec/eventhandlers', name), here(text), { mode: 0o755 });
    const hostsDeny = (text: string) => writeFileSync(join(dir, 'hosts.deny'), here(text));
    const handle = blocks(`${SCRIPTS}/handle_tcp_wrapper`)[0]!;
    const submit = blocks(`${SCRIPTS}/submit_check_result`)[0]!;
    const throughTheQueue = blocks(`${SCRIPTS}/submit_check_result (new)`)[0]!;
    const [withTwist, plain, withSpawn] = blocks('/etc/hosts.deny');
    script('handle_tcp_wrapper', handle);
    script('submit_check_result', submit);

    let client = 4;
    let seen = 0;
    /** What the monitor got since it was last asked, once there is that much of it. */
    const arrivals = async (count: number) => {
      await until(`${count} results`, () => nsca.commands().length >= seen + count);
      const commands = nsca.commands().slice(seen);
      seen += commands.length;
      return commands;
    };
    /** Connects from a new address: what the monitor gets of it, after the client's name. */
    const refused = async (count: number) => {
      const from = `127.0.0.${++client}`;
      await firestorm.connect(port, from);
      const commands = await arrivals(count);
      // Also sees what came too late for the step before.
      for (const command of commands) assert.ok(command.startsWith(ALERT + from), command);
      return commands.map((command) => command.slice(ALERT.length + from.length)).toSorted();
    };
    const startAgent = async () => {
      const agent = denywatch(t, 'run', '--config', config);
      const open = async () => (await status(t, config))?.agent?.streams.length === 1;
      await until('the agent', open);
      return agent;
    };

    await t.test('the recipe as it is', async () => {
      hostsDeny(withTwist!);
      assert.deepEqual(await refused(1), ['']);
    });

    await t.test('step 1: explain finds what the recipe reported', async () => {
      const explain = denywatch(t, 'explain', '--json', firestorm.log);
      assert.equal(await explain.end(), 0);
      const { format, output } = JSON.parse(explain.stdout()) as Record<string, string>;
      assert.deepEqual([format, output], ['twist', `Denied in.telnetd-127.0.0.${client}`]);
    });

    await t.test('step 2: check asks the monitor', async () => {
      const check = denywatch(t, 'check', '--config', config);
      await check.end();
      assert.match(check.stdout(), /^ok +monitors\.0: .* takes results \(NSCA, \w+\); /m);
      assert.ok((await arrivals(1)).every((command) => !command.includes('firestorm')));
    });

    let agent = await startAgent();
    await t.test('step 3: side by side each refusal is reported twice', async () => {
      assert.deepEqual(await refused(2), ['', ' (denywatch)']);
    });

    await t.test('step 4: without the script it is reported once', async () => {
      hostsDeny(plain!);
      assert.deepEqual(await refused(1), [' (denywatch)']);
    });

    await t.test('back to the recipe', async () => {
      agent.kill();
      assert.equal(await agent.end(), 0);
      hostsDeny(withTwist!);
      assert.deepEqual(await refused(1), ['']);
    });

    await t.test('a rule that is kept, with a log that is no source', async () => {
      const quiet = join(dir, 'quiet.log');
      writeFileSync(quiet, '');
      writeConfig(dir, {
        ...(parse(readFileSync(config, 'utf8')) as object),
        sources: [{ file: quiet }],
      });
      agent = await startAgent();
      hostsDeny(withSpawn!);
      assert.deepEqual(await refused(1), [' (denywatch)']);
    });

    await t.test('submit_check_result through the queue', async () => {
      script('submit_check_result', throughTheQueue);
      hostsDeny(withTwist!);
      assert.deepEqual(await refused(1), ['']);
    });

    await t.test('send in the place of send_nsca', async () => {
      const [, pipe = ''] = /^(printf .* \| denywatch send)$/m.exec(PAGE) ?? [];
      assert.equal(await program(t, 'sh', ['-c', here(pipe)]).end(), 0);
      const result = 'PROCESS_SERVICE_CHECK_RESULT;firestorm;Disk;1;DISK WARNING: / 91%';
      assert.deepEqual(await arrivals(1), [result]);
    });

    await t.test('a rule with a name in it brings the lookup back', async () => {
      const [, rule = ''] = /`(ALL: \.[^`]+)`/.exec(PAGE) ?? [];
      for (const [text, name] of [
        [plain!, '127.0.0.1'],
        [`${rule}\n`, 'localhost'],
      ] as const) {
        hostsDeny(text);
        await firestorm.connect(port, '127.0.0.1');
        const line = `refused connect from ${name} (127.0.0.1)`;
        await until(line, () => readFileSync(firestorm.log, 'utf8').includes(line));
      }
    });
  },
);

/** The files that the page shows, by the path after the language of the block. */
function blocks(path: string): string[] {
  const found = PAGE.matchAll(/^```\w+ (\/.*)\n([^]*?)^```$/gm);
  return Array.from(found).flatMap(([, name, text]) => (name === path ? [text!] : []));
}
