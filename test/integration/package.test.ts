/** The Debian package on a machine with a systemd of its own: from its installation to its purge. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { stringify } from 'yaml';
import type { StatusJson } from '../support/agent.ts';
import { nscaInside, type NscaInside } from '../support/nsca-inside.ts';
import { buildPackage, seen, traces } from '../support/package.ts';
import { needs } from '../support/packages.ts';
import { boot, type System } from '../support/systemd.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'systemd', 'nsca', 'binutils', 'lintian');

const UNIT = 'denywatch.service';
const CONFIG = '/etc/denywatch/denywatch.yaml';
const LOG = '/var/log/refused.log';

void test('the package does what Debian and an administrator expect of it', NEEDS, async (t) => {
  const { deb, newer } = await buildPackage(t);
  const system = await boot(t);
  // A container's image may forbid packages to start and stop services.
  system.run('rm', '-f', '/usr/sbin/policy-rc.d');
  const nsca = nscaInside(system);
  const clean = traces(system);
  const active = () => system.property(UNIT, 'ActiveState');

  await t.test('lintian finds nothing', () => {
    const lintian = ['--allow-root', '--fail-on', 'error,warning', deb];
    const { status, stdout } = spawnSync('lintian', lintian, { encoding: 'utf8' });
    assert.equal(stdout, '');
    assert.equal(status, 0);
  });

  await t.test('it is installed, says what is left to do, and is not started', () => {
    const said = system.run('dpkg', '-i', seen(deb));
    assert.match(
      said,
      /but not started[^]*denywatch init[^]*systemctl enable --now[^]*denywatch test/,
    );
    assert.equal(active(), 'inactive');
    assert.equal(system.property(UNIT, 'UnitFileState'), 'disabled');
    assert.equal(
      system.run('stat', '-c', '%a %U %G', '/var/lib/denywatch'),
      '750 denywatch denywatch\n',
    );
    // No question about a changed file at an upgrade: the package has no configuration of its own.
    assert.notEqual(system.status('test', '-e', CONFIG), 0);
    assert.match(system.run('denywatch', '--version'), /^denywatch \d/);
    system.run('man', '-w', 'denywatch');
  });

  await t.test('init writes a configuration that only the agent can read', () => {
    system.run('sh', '-c', 'umask 077; denywatch init --monitor 127.0.0.1');
    assert.equal(system.run('stat', '-c', '%a %U %G', CONFIG), '640 root denywatch\n');
    system.run('rm', CONFIG);
  });

  await t.test('the documents are there that its texts name', () => {
    const named = system.run('sh', '-c', 'mv /etc/hosts.deny /run; denywatch check 2>&1 || true');
    const [path = ''] = /\/usr\/share\/doc\/\S+/.exec(named) ?? [];
    system.run('test', '-r', path);
    system.run('sh', '-c', '[ ! -e /run/hosts.deny ] || mv /run/hosts.deny /etc');
    for (const page of ['README.md', 'docs/messages.md', 'docs/from-the-nagios-recipe.md'])
      system.run('test', '-r', `/usr/share/doc/denywatch/${page}`);
  });

  await t.test('it does not take a configuration from the working directory', () => {
    system.run('mkdir', '-p', '/run/checkout/etc');
    system.write('/run/checkout/etc/denywatch.yaml', 'nonsense: 1\n');
    const looked = system.run('sh', '-c', 'cd /run/checkout; denywatch check 2>&1 || true');
    assert.match(looked, /\/etc\/denywatch\/denywatch\.yaml: there is no configuration yet/);
  });

  await t.test('an alert gets through to NSCA', async () => {
    system.run('sh', '-c', `: > ${LOG}; chgrp adm ${LOG}; chmod 640 ${LOG}`);
    system.write(CONFIG, configuration());
    await nsca.start();
    system.run('systemctl', 'enable', '--now', UNIT);
    refuse(system, 1);
    await until('the alert', () => outputs(nsca).length === 1);
    await until('the delivery to be sure', () => waiting(system) === 0);
  });

  await t.test('SIGUSR1 opens no debugger in it', () => {
    const pid = system.property(UNIT, 'MainPID');
    system.run('systemctl', 'kill', '--signal=USR1', '--kill-whom=main', UNIT);
    // Long enough for a thread of its own to listen.
    system.run('sleep', '1');
    assert.equal(system.property(UNIT, 'MainPID'), pid);
    const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    assert.notEqual(
      system.status('setpriv', ...asNobody, 'bash', '-c', ': < /dev/tcp/127.0.0.1/9229'),
      0,
    );
  });

  await t.test('an upgrade restarts it, and keeps the queue and its place', async () => {
    nsca.stop();
    refuse(system, 2);
    await until('an alert that waits', () => waiting(system) === 1);
    const pid = system.property(UNIT, 'MainPID');
    system.run('dpkg', '-i', seen(newer));
    assert.match(system.run('dpkg-query', '-W', 'denywatch'), /next1/);
    assert.equal(active(), 'active');
    assert.notEqual(system.property(UNIT, 'MainPID'), pid);
    assert.equal(system.run('cat', CONFIG), configuration());
    refuse(system, 3);
    await nsca.start();
    system.run('systemctl', 'reload', UNIT);
    await until('all alerts', () => outputs(nsca).length === 3);
    assert.deepEqual(
      outputs(nsca),
      [1, 2, 3].map((n) => `Denied sshd-192.0.2.${n}`),
    );
  });

  await t.test('removed, it leaves the configuration and the queue', () => {
    system.run('dpkg', '-r', 'denywatch');
    assert.equal(active(), 'inactive');
    assert.notEqual(system.status('test', '-e', '/usr/bin/denywatch'), 0);
    for (const kept of [CONFIG, '/var/lib/denywatch/queue.db'])
      assert.equal(system.status('test', '-e', kept), 0, kept);
  });

  await t.test('installed again, it says that it is enabled and does not run', () => {
    const said = system.run('dpkg', '-i', seen(newer));
    assert.match(said, /enabled, but not running: systemctl start denywatch/);
    system.run('dpkg', '-r', 'denywatch');
  });

  await t.test('purged, it leaves nothing', () => {
    system.run('dpkg', '-P', 'denywatch');
    assert.deepEqual(traces(system), clean);
  });
});

function configuration(): string {
  return stringify({
    host: 'firestorm',
    sources: [{ file: LOG }],
    monitors: [{ nsca: '127.0.0.1:5667', encryption: 'xor', password: 'secret' }],
  });
}

function refuse(system: System, n: number): void {
  const line = `${new Date().toISOString()} firestorm sshd[${n}]: refused connect from 192.0.2.${n} (192.0.2.${n})`;
  system.run('sh', '-c', `echo '${line}' >> ${LOG}`);
}

/** Outputs of the alerts that came out of the NSCA daemon, without the time of a late one. */
function outputs(nsca: NscaInside): string[] {
  const found = nsca.commands().map((command) => /;TCP Wrappers;2;(\S+ \S+)/.exec(command)?.[1]);
  return found.filter((output) => output !== undefined);
}

function waiting(system: System): number | undefined {
  // It fails where it finds a problem, such as a monitor that is down.
  const text = system.run('sh', '-c', 'denywatch status --json || true');
  const { monitors } = JSON.parse(text) as StatusJson;
  return monitors[0]?.waiting;
}
