/**
 * The agent as a unit of a real systemd: sshd refuses, journald or rsyslog log it, NSCA takes it,
 * and Nagios has it.
 */
import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { stringify } from 'yaml';
import { NAGIOS_FOLDERS, nagiosConfig } from '../support/nagios.ts';
import { boot, CHECKOUT, install, NODE, type System } from '../support/systemd.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'systemd', 'nsca', 'nagios4-core', 'openssh-server', 'rsyslog');

const OBJECTS = 'etc/nagios/tcp-wrappers.cfg';
const UNIT = 'denywatch.service';
const CONFIG = '/etc/denywatch/denywatch.yaml';
const PASSWORD = '/etc/denywatch/nsca.password';

interface Machine extends System {
  /** Starts denywatch, and waits for READY. */
  start(): void;
  /** Connects to sshd from an address of loopback; sshd refuses. */
  knock(client: string): void;
  /** The alerts that Nagios logged. */
  alerts(): string[];
  /** The results that wait in the agent's queue. */
  queued(): string;
  /** Waits until so many came. */
  waitForAlerts(count: number): Promise<unknown>;
}

/** A machine whose sshd refuses all, with an NSCA daemon, and denywatch installed. */
async function machine(t: TestContext, dropIn = ''): Promise<Machine> {
  const system = await boot(t);
  system.write('/etc/hosts.deny', 'sshd: ALL\n');
  system.run('mkdir', '-p', '/run/sshd');
  system.run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', '/run/host_key');
  const sshd = ['/usr/sbin/sshd', '-D', '-f', '/dev/null', '-h', '/run/host_key'];
  system.run('systemd-run', '-q', ...sshd, '-o', 'ListenAddress=127.0.0.1:22');
  const nagios = '/run/nagios';
  for (const [name, text] of Object.entries(nagiosConfig(nagios, `${CHECKOUT}/${OBJECTS}`))) {
    system.write(`${nagios}/${name}`, text);
  }
  system.run('mkdir', ...NAGIOS_FOLDERS.map((name) => `${nagios}/${name}`));
  system.run('chown', '-R', 'nagios:nagios', nagios);
  system.program('nagios4', `${nagios}/nagios.cfg`);
  const pipe = `${nagios}/rw/nagios.cmd`;
  await until('Nagios', () => system.status('test', '-p', pipe) === 0);
  const nsca = ['server_address=127.0.0.1', `command_file=${pipe}`, 'decryption_method=1'];
  system.write('/run/nsca.cfg', [...nsca, 'password=secret', ''].join('\n'));
  system.program('nsca', '-c', '/run/nsca.cfg', '-f', '--daemon');
  install(
    system,
    `${NODE} ${CHECKOUT}/src/cli.ts run`,
    `LoadCredential=nsca.password:${PASSWORD}\n${dropIn}`,
  );
  system.write(PASSWORD, 'secret\n');
  system.run('chmod', '600', PASSWORD);
  await until('sshd and the NSCA daemon', () =>
    [22, 5667].every((port) => system.status('bash', '-c', `: < /dev/tcp/127.0.0.1/${port}`) === 0),
  );
  const alert = /SERVICE ALERT: firestorm;TCP Wrappers;CRITICAL;HARD;1;(.*)/g;
  const alerts = () =>
    Array.from(system.run('cat', `${nagios}/nagios.log`).matchAll(alert), ([, text = '']) => text);
  return {
    ...system,
    knock: (localAddress) => {
      const socket = `net.connect({ port: 22, host: '127.0.0.1', localAddress: '${localAddress}' })`;
      system.run(NODE, '-e', `${socket}.resume()`);
    },
    alerts,
    queued: () => system.run(NODE, `${CHECKOUT}/src/cli.ts`, 'queue', 'list'),
    waitForAlerts: (count) => until(`${count} alerts`, () => alerts().length >= count),
    start: () => void system.run('systemctl', 'start', UNIT),
  };
}

const config = (...sources: object[]) =>
  stringify({
    host: 'firestorm',
    sources,
    monitors: [{ nsca: '127.0.0.1:5667', encryption: 'xor', credential: 'nsca.password' }],
    fold: { window: 0 },
  });

void test(
  'refusals come from the journal to the monitor once, whatever befalls',
  NEEDS,
  async (t) => {
    const system = await machine(t, 'RestartSec=1s\n');
    system.write(CONFIG, config({ journal: {} }));
    system.start();
    await until('its state', () =>
      /^0 denials.* 0 results waiting/.test(system.property(UNIT, 'StatusText')),
    );
    const pid = system.property(UNIT, 'MainPID');
    system.knock('127.0.1.1');
    await system.waitForAlerts(1);
    // Else it comes again.
    await until('the verdict', () => system.queued() === '');
    system.run('systemctl', 'kill', '-s', 'KILL', UNIT);
    system.knock('127.0.1.2');
    system.run('journalctl', '--rotate');
    system.knock('127.0.1.3');
    const forged = 'refused connect from 127.0.1.4 (127.0.1.4)';
    system.run('setpriv', '--reuid=1500', '--clear-groups', 'logger', '-t', 'sshd', forged);
    await until('another process', () => !['0', pid].includes(system.property(UNIT, 'MainPID')));
    system.knock('127.0.1.5');
    await system.waitForAlerts(4);
    assert.deepEqual(
      system.alerts(),
      [1, 2, 3, 5].map((n) => `Denied sshd-127.0.1.${n}`),
    );
    system.run('systemctl', 'stop', UNIT);
    assert.equal(system.property(UNIT, 'Result'), 'success');
  },
);

void test(
  'a refusal that is both in the journal and in a file is reported once',
  NEEDS,
  async (t) => {
    const system = await machine(t);
    system.write(
      '/etc/rsyslog.conf',
      'module(load="imuxsock")\n$FileGroup adm\n$FileCreateMode 0640\n*.* /var/log/auth.log\n',
    );
    system.run(
      'ln',
      '-s',
      '/lib/systemd/system/rsyslog.service',
      '/etc/systemd/system/syslog.service',
    );
    system.run('systemctl', 'daemon-reload');
    system.run('systemctl', 'start', 'rsyslog');
    system.write(CONFIG, config({ journal: {} }, { file: '/var/log/auth.log' }));
    system.start();
    for (const n of [1, 2, 3]) system.knock(`127.0.1.${n}`);
    await system.waitForAlerts(3);
    await until('the file to have it too', () =>
      system.run('cat', '/var/log/auth.log').includes('127.0.1.3'),
    );
    system.run('systemctl', 'stop', UNIT);
    assert.deepEqual(
      system.alerts(),
      [1, 2, 3].map((n) => `Denied sshd-127.0.1.${n}`),
    );
  },
);

void test(
  'a bad configuration is refused: at a reload for the old one, at a start for good',
  NEEDS,
  async (t) => {
    const system = await machine(t);
    system.write(CONFIG, config({ journal: {} }));
    system.start();
    const pid = system.property(UNIT, 'MainPID');
    system.write(CONFIG, 'sources: nonsense\n');
    assert.notEqual(system.status('systemctl', 'reload', UNIT), 0);
    await until('the end of the reload', () => system.property(UNIT, 'SubState') === 'running');
    system.knock('127.0.1.1');
    await system.waitForAlerts(1);
    assert.equal(system.property(UNIT, 'MainPID'), pid);
    system.run('journalctl', '--sync');
    const errors = system.run('journalctl', '-o', 'cat', '-p', 'err', '-u', UNIT);
    assert.match(errors, /'?sources'?/);
    assert.match(errors, /continuing with the old one/);
    system.write(CONFIG, config({ journal: {} }));
    system.run('systemctl', 'reload', UNIT);
    system.write(CONFIG, 'sources: nonsense\n');
    assert.notEqual(system.status('systemctl', 'restart', UNIT), 0);
    assert.equal(system.property(UNIT, 'ActiveState'), 'failed');
    assert.equal(system.property(UNIT, 'ExecMainStatus'), '78');
    assert.equal(system.property(UNIT, 'NRestarts'), '0');
  },
);

void test('an agent that hangs is started again and reads what it missed', NEEDS, async (t) => {
  const system = await machine(t, 'WatchdogSec=5s\nRestartSec=0\n');
  // No monitor: a session with one may take longer than this watchdog allows.
  system.write(CONFIG, config({ journal: {}, from: 'start' }).replace('5667', '9'));
  system.start();
  const pid = system.property(UNIT, 'MainPID');
  system.run('kill', '-STOP', pid);
  system.knock('127.0.1.1');
  await until('another process', () => !['0', pid].includes(system.property(UNIT, 'MainPID')));
  // In the queue, which outlives each process: a loaded machine may miss this watchdog again.
  await until('the refusal to be in the queue', () => system.queued().includes('sshd-127.0.1.1'));
});
