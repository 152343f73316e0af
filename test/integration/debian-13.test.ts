/**
 * Debian 13, booted by its own systemd: what OpenSSH 10 and tcpd refuse there gets from journald or
 * rsyslog through the agent to the NSCA daemon.
 */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { parse, stringify } from 'yaml';
import type { StatusJson } from '../support/agent.ts';
import { neededRoot, NODE_LIBRARIES } from '../support/debian-root.ts';
import { boot, CHECKOUT, install, NODE, type System } from '../support/systemd.ts';
import { until } from '../support/until.ts';

const PACKAGES = [
  ...NODE_LIBRARIES,
  'faketime',
  'nsca',
  'openbsd-inetd',
  'openssh-client',
  'openssh-server',
  'rsyslog',
  'tcpd',
];
const { needs: NEEDS, path: root } = neededRoot('trixie', { packages: PACKAGES });
const UNIT = 'denywatch.service';
const CONFIG = '/etc/denywatch/denywatch.yaml';

interface Machine extends System {
  /** Outputs of the results that nsca handed on. */
  outputs(): string[];
  /** Starts the agent with these sources. */
  watch(...sources: object[]): void;
  totals(): StatusJson['totals'];
}

/** A machine that refuses all, with an NSCA daemon. */
async function machine(t: TestContext, hostsDeny = 'ALL: ALL\n'): Promise<Machine> {
  const system = await boot(t, { root: root() });
  system.write('/etc/hosts.deny', hostsDeny);
  system.run('mkfifo', '/run/commands');
  const sink = system.program('sh', '-c', 'exec cat <> /run/commands');
  const nsca = ['server_address=127.0.0.1', 'command_file=/run/commands', 'decryption_method=1'];
  system.write('/run/nsca.cfg', [...nsca, 'password=secret', ''].join('\n'));
  system.program('nsca', '-c', '/run/nsca.cfg', '-f', '--daemon');
  await until('the NSCA daemon', () => listens(system, 5667));
  install(system, `${NODE} ${CHECKOUT}/src/cli.ts run`);
  return {
    ...system,
    outputs: () =>
      Array.from(
        sink.stdout().matchAll(/RESULT;firestorm;TCP Wrappers;2;(.*)$/gm),
        ([, text = '']) => text,
      ),
    watch: (...sources) => {
      const monitors = [{ nsca: '127.0.0.1:5667', encryption: 'xor', password: 'secret' }];
      const config = { host: 'firestorm', sources, monitors, fold: { window: 0 } };
      system.write(
        CONFIG,
        stringify({ ...config, queue: { path: '/var/lib/denywatch/queue.db' } }),
      );
      system.run('chown', 'root:denywatch', CONFIG);
      system.run('chmod', '640', CONFIG);
      system.run('systemctl', 'start', UNIT);
    },
    totals: () => {
      const status = [`${CHECKOUT}/src/cli.ts`, 'status', '--json', '--config', CONFIG];
      return (
        JSON.parse(system.run('sh', '-c', `${NODE} ${status.join(' ')} || true`)) as StatusJson
      ).totals;
    },
  };
}

/** Not by connecting, which would be one more refusal. */
function listens(system: System, port: number): boolean {
  return system.status('sh', '-c', `grep -q ':${hex(port)} 00000000:0000 0A' /proc/net/tcp`) === 0;
}

const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');

/** Calls the real client, which is refused. */
function ssh(system: System, from: string): void {
  const options = ['BindAddress', 'StrictHostKeyChecking=no', 'BatchMode=yes'];
  options[0] += `=${from}`;
  const args = options.flatMap((option) => ['-o', option]);
  assert.notEqual(system.status('ssh', ...args, 'root@127.0.0.1', 'true'), 0);
}

const comes = (system: Machine, text: string) =>
  until(text, () => system.outputs().includes(text)).catch((cause: unknown) => {
    const totals = JSON.stringify(system.totals());
    throw new Error(`${system.outputs().join('\n')}\n${totals}`, { cause });
  });

/** Runs a verb as root, and gives its exit status and what it wrote. */
function verb(system: System, ...words: string[]) {
  const script = `${NODE} ${CHECKOUT}/src/cli.ts "$@" 2>&1; echo "exit $?"`;
  const text = system.run('sh', '-c', script, 'sh', ...words, '--config', CONFIG);
  return { text, status: Number(/exit (\d+)\n$/.exec(text)?.[1]) };
}

void test(
  'without rsyslog init, check and run find the journal by themselves',
  NEEDS,
  async (t) => {
    const system = await machine(t);
    system.run('systemctl', 'start', 'ssh');

    await t.test('init takes the journal', () => {
      system.write('/etc/send_nsca.cfg', 'password=secret\nencryption_method=1\n');
      system.run('chmod', '600', '/etc/send_nsca.cfg');
      const init = verb(system, 'init', '--monitor', '127.0.0.1', '--host', 'firestorm');
      assert.equal(init.status, 0, init.text);
      const config = parse(system.run('cat', CONFIG)) as { sources: object[] };
      assert.deepEqual(config.sources, [{ journal: {} }]);
    });

    await t.test("check tries it as the agent's user, and its commands mend what is shut", () => {
      // Debian lets both groups read the journal.
      for (const group of ['adm', 'systemd-journal'])
        system.run('gpasswd', '-d', 'denywatch', group);
      const shut = verb(system, 'check', '--offline');
      assert.equal(shut.status, 1, shut.text);
      const found = shut.text.matchAll(/^problem +(\S+): .*denywatch cannot read it; run: (.*)$/gm);
      const commands = new Map(Array.from(found, ([, key, command = '']) => [key, command]));
      assert.deepEqual([...commands.keys()], ['/etc/send_nsca.cfg', 'journal'], shut.text);
      assert.equal(commands.get('journal'), 'usermod -aG systemd-journal denywatch');
      for (const command of commands.values()) system.run('sh', '-ec', command);
      const { status, text } = verb(system, 'check');
      assert.equal(status, 0, text);
      assert.match(text, /^ok +sources\.0: can read journal /m);
    });

    await t.test('what OpenSSH 10 refuses is reported as sshd', async () => {
      system.run('systemctl', 'start', UNIT);
      ssh(system, '127.0.0.5');
      await comes(system, 'Denied sshd-127.0.0.5');
      assert.deepEqual(system.outputs(), ['Denied sshd-127.0.0.5']);
    });
  },
);

void test(
  'it is reported once from auth.log and the journal, through rsyslog',
  NEEDS,
  async (t) => {
    const system = await machine(t);
    system.run('systemctl', 'enable', '--quiet', '--now', 'rsyslog', 'ssh');
    system.watch({ file: ['/var/log/auth.log', '/var/log/syslog'] }, { journal: {} });
    ssh(system, '127.0.0.5');
    await comes(system, 'Denied sshd-127.0.0.5');
    ssh(system, '127.0.0.6');
    await comes(system, 'Denied sshd-127.0.0.6');
    assert.deepEqual(system.outputs(), ['Denied sshd-127.0.0.5', 'Denied sshd-127.0.0.6']);
  },
);

void test('what tcpd under openbsd-inetd refuses is reported', NEEDS, async (t) => {
  const system = await machine(t);
  const service = 'stream tcp nowait root /usr/sbin/tcpd /usr/sbin/in.telnetd';
  system.write('/etc/inetd.conf', `127.0.0.1:2323 ${service}\n`);
  system.run('systemctl', 'start', 'inetd');
  await until('inetd', () => listens(system, 2323));
  system.watch({ journal: {} });
  const from = "{ port: 2323, host: '127.0.0.1', localAddress: '127.0.0.7' }";
  system.run(NODE, '-e', `net.connect(${from}).resume().on('error', () => {})`);
  await comes(system, 'Denied in.telnetd-127.0.0.7');
});

/** Connects this many times at once, and counts what sshd answers to those that it drops. */
const MANY = `
let [refused, dropped] = [0, 0];
const one = (n) => new Promise((done) => {
  let text = '';
  net.connect({ port: 22, host: '127.0.0.1', localAddress: '127.0.1.' + n })
    .on('data', (data) => (text += data))
    .on('error', () => {})
    .on('close', () => done(text.startsWith('Not allowed') ? dropped++ : refused++));
});
Promise.all(Array.from({ length: Number(process.argv[1]) }, (_, n) => one(n + 1)))
  .then(() => console.log(JSON.stringify({ refused, dropped })));
`;

interface Wave {
  readonly refused: number;
  readonly dropped: number;
}

void test(
  'of 60 connections at once none is missing among refused and unseen',
  NEEDS,
  async (t) => {
    const system = await machine(t);
    // sshd says a while later how many it dropped; its own clock is set ahead for that.
    const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
    const environment = `LD_PRELOAD=${library} FAKETIME_TIMESTAMP_FILE=/run/clock FAKETIME_NO_CACHE=1`;
    const dropIn = `[Service]\nEnvironment=${environment}\n`;
    system.write('/etc/systemd/system/ssh.service.d/test.conf', dropIn);
    const ahead = (seconds: number) => system.write('/run/clock', `+${seconds}`);
    ahead(0);
    system.run('systemctl', 'daemon-reload');
    system.run('systemctl', 'start', 'ssh');
    system.watch({ journal: {} });
    const wave = async (count: number): Promise<Wave> => {
      const run = system.program(NODE, '-e', MANY, `${count}`);
      assert.equal(await run.end(), 0, run.stderr());
      return JSON.parse(run.stdout()) as Wave;
    };
    const first = await wave(60);
    assert.equal(first.refused + first.dropped, 60);
    assert.ok(first.dropped > 0);
    const later: Wave[] = [];
    for (const seconds of [60, 120]) {
      ahead(seconds);
      later.push(await wave(60));
    }
    const refused = [first, ...later].reduce((sum, one) => sum + one.refused, 0);
    const dropped = [first, ...later].reduce((sum, one) => sum + one.dropped, 0);
    await until('the refusals', () => system.totals()['denials'] === refused);
    await until(
      'what was not seen',
      () => (system.totals()['unseenConnections'] ?? 0) >= first.dropped,
    );
    const { denials = 0, unseenConnections = 0 } = system.totals();
    t.diagnostic(`refused ${denials}, unseen ${unseenConnections} of ${dropped}`);
    assert.ok(unseenConnections <= dropped, 'more than sshd dropped');
  },
);
