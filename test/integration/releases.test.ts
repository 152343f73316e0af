/**
 * The Debian package in each of Debian's releases, booted from a root with little more than systemd:
 * from `apt install` to `apt purge`.
 */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { neededRoot, RELEASES } from '../support/debian-root.ts';
import { nscaInside, type NscaInside } from '../support/nsca-inside.ts';
import { buildPackage, seen, traces } from '../support/package.ts';
import { needs } from '../support/packages.ts';
import { boot, type System } from '../support/systemd.ts';
import { guard } from '../support/tcpd-inside.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'mmdebstrap', 'binutils');
const UNIT = 'denywatch.service';
const CONFIG = '/etc/denywatch/denywatch.yaml';
const WAITING = 1000;

/** Refuses a connection to this daemon, and waits for the alert. */
async function refuse(system: System, nsca: NscaInside, daemon: string): Promise<void> {
  const connect = await guard(system, daemon);
  connect();
  await until(`the alert of ${daemon}`, () =>
    nsca.commands().some((command) => command.includes(`;Denied ${daemon}-`)),
  );
}

function apt(system: System, ...words: string[]): string {
  return system.run('apt-get', '--yes', '-o', 'Dpkg::Use-Pty=0', ...words);
}

/** Two versions of the package. */
interface Versions {
  readonly deb: string;
  readonly newer: string;
}

async function tryRelease(t: TestContext, root: string, { deb, newer }: Versions) {
  const system = await boot(t, { root });
  system.write('/etc/hosts.deny', 'ALL: ALL\n');
  const nsca = nscaInside(system, 3);
  await nsca.start();
  const clean = traces(system);
  const pid = () => system.property(UNIT, 'MainPID');
  const active = () => system.property(UNIT, 'ActiveState');

  await t.test('apt installs it with the library that it needs', () => {
    const missing = () => system.status('sh', '-c', 'ls /usr/lib/*/libatomic.so.1') !== 0;
    assert.ok(missing());
    apt(system, 'install', seen(deb));
    assert.ok(!missing());
    assert.match(system.run('denywatch', '--version'), /^denywatch \d/);
    assert.equal(active(), 'inactive');
  });

  await t.test('what tcpd refuses comes to the NSCA daemon', async () => {
    system.run('denywatch', 'init', '--monitor', '127.0.0.1');
    const secret = 'echo secret | install -m 640 -g denywatch /dev/stdin "$0"';
    system.run('sh', '-c', secret, '/etc/denywatch/nsca.password');
    // The one client that there is must not look like a port scan.
    system.run('sh', '-c', `echo 'fold: { scan: false }' >> ${CONFIG}`);
    system.run('denywatch', 'check');
    system.run('systemctl', 'enable', '--quiet', '--now', UNIT);
    await refuse(system, nsca, 'in.firstd');
  });

  await t.test('an upgrade keeps what waits', async () => {
    nsca.stop();
    const lines = `seq ${WAITING} | sed 's/.*/firestorm\\tTCP Wrappers\\t2\\twaiting &/'`;
    system.run('sh', '-c', `${lines} | denywatch send`);
    const [old, configured] = [pid(), system.run('cat', CONFIG)];
    apt(system, 'install', seen(newer));
    assert.match(system.run('dpkg-query', '-W', 'denywatch'), /next1/);
    assert.equal(active(), 'active');
    assert.notEqual(pid(), old);
    assert.equal(system.run('cat', CONFIG), configured);
    await nsca.start();
    // It tries again at once.
    system.run('systemctl', 'reload', UNIT);
    const came = () => nsca.commands().flatMap((one) => /;waiting (\d+)/.exec(one)?.[1] ?? []);
    await until('all that waited', () => new Set(came()).size === WAITING);
    await refuse(system, nsca, 'in.upgraded');
  });

  await t.test('a reload takes a right configuration, and leaves it at a wrong one', async () => {
    const right = system.run('cat', CONFIG);
    const old = pid();
    const reload = (text: string) => {
      system.run('sh', '-c', `cat > ${CONFIG} <<'END'\n${text}\nEND`);
      return system.status('systemctl', 'reload', UNIT);
    };
    assert.equal(reload(`${right}\nservice: Refused`), 0);
    await refuse(system, nsca, 'in.reloaded');
    assert.ok(
      nsca.commands().some((command) => command.includes(';Refused;2;Denied in.reloaded-')),
    );
    assert.notEqual(reload(`${right}\nnonsense: 1`), 0);
    await refuse(system, nsca, 'in.unchanged');
    assert.equal(reload(right), 0);
    assert.equal(pid(), old);
  });

  await t.test('a downgrade continues with the same queue', async () => {
    apt(system, 'install', '--allow-downgrades', seen(deb));
    assert.doesNotMatch(system.run('dpkg-query', '-W', 'denywatch'), /next1/);
    assert.equal(active(), 'active');
    await refuse(system, nsca, 'in.downgraded');
  });

  await t.test('removed, it leaves the configuration and the queue; purged, nothing', () => {
    apt(system, 'remove', 'denywatch');
    assert.equal(active(), 'inactive');
    for (const kept of [CONFIG, '/var/lib/denywatch/queue.db']) system.run('test', '-e', kept);
    apt(system, 'purge', 'denywatch');
    assert.deepEqual(traces(system), clean);
  });
}

void test('the package can be installed, used, upgraded and purged', NEEDS, async (t) => {
  const { deb, newer } = await buildPackage(t);
  const versions = { deb, newer: newer() };
  for (const release of RELEASES) {
    const root = neededRoot(release, { packages: ['nsca', 'tcpd'], offered: ['libatomic1'] });
    await t.test(release, root.needs, (inner) => tryRelease(inner, root.path(), versions));
  }
});
