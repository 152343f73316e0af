/**
 * Debian 13, booted by its own systemd: what OpenSSH 10 and tcpd refuse there gets from journald or
 * rsyslog through the agent to the NSCA daemon.
 */
import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { stringify } from 'yaml';
import type { StatusJson } from '../support/agent.ts';
import { debianRoot } from '../support/debian-root.ts';
import { boot, CHECKOUT, install, NODE, type System } from '../support/systemd.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'debootstrap');
const PACKAGES = [
  'faketime',
  'nsca',
  'openbsd-inetd',
  'openssh-client',
  'openssh-server',
  'rsyslog',
  'tcpd',
];
const UNIT = 'denywatch.service';
const CONFIG = '/etc/denywatch/denywatch.yaml';
/** The first boot of all fetches the packages. */
const PATIENCE = 60_000;

interface Machine extends System {
  /** Outputs of the results that nsca handed on. */
  outputs(): string[];
  /** Starts the agent with these sources. */
  watch(...sources: object[]): void;
  totals(): StatusJson['totals'];
}

/** A machine that refuses all, with an NSCA daemon. */
async function machine(t: TestContext, hostsDeny = 'ALL: ALL\n'): Promise<Machine> {
  const system = await boot(t, { root: debianRoot('trixie', { packages: PACKAGES }) });
  system.write('/etc/hosts.deny', hostsDeny);
  system.run('mkfifo', '/run/commands');
  const sink = system.program('sh', '-c', 'while cat /run/commands; do :; done');
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
  until(text, () => system.outputs().includes(text), PATIENCE).catch((cause: unknown) => {
    const log = system.run('journalctl', '--no-pager', '-n', '60');
    throw new Error(`${system.outputs().join('\n')}\n${log}`, { cause });
  });

void test('what OpenSSH 10 refuses is reported as sshd, from journald alone', NEEDS, async (t) => {
  const system = await machine(t);
  system.run('systemctl', 'start', 'ssh');
  system.watch({ journal: {} });
  ssh(system, '127.0.0.5');
  await comes(system, 'Denied sshd-127.0.0.5');
  assert.deepEqual(system.outputs(), ['Denied sshd-127.0.0.5']);
});

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

/** Connects so many times at once, and counts what sshd tells each of those that it drops. */
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
      assert.equal(await run.end(PATIENCE), 0, run.stderr());
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
    await until('the refusals', () => system.totals()['denials'] === refused, PATIENCE);
    await until(
      'what was not seen',
      () => (system.totals()['unseenConnections'] ?? 0) >= first.dropped,
    );
    const { denials = 0, unseenConnections = 0 } = system.totals();
    t.diagnostic(`refused ${denials}, unseen ${unseenConnections} of ${dropped}`);
    assert.ok(unseenConnections <= dropped, 'more than sshd dropped');
  },
);
