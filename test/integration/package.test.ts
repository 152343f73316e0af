/**
 * The package on a machine with a systemd of its own, which is this one's copy: what Debian and an
 * administrator expect. What it does on each release of Debian's is in releases.test.ts.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { ROOT } from '../../packaging/build.ts';
import { DOCUMENTS, installedPath } from '../../src/host/documents.ts';
import { buildPackage, seen, traces } from '../support/package.ts';
import { needs } from '../support/packages.ts';
import { boot, type System } from '../support/systemd.ts';

const NEEDS = needs('root', 'systemd', 'binutils', 'lintian');

const UNIT = 'denywatch.service';
const CONFIG = '/etc/denywatch/denywatch.yaml';

void test('the package does what Debian and an administrator expect of it', NEEDS, async (t) => {
  const { deb, tree } = await buildPackage(t);
  const system = await boot(t);
  // A container's image may forbid packages to start and stop services.
  system.run('rm', '-f', '/usr/sbin/policy-rc.d');
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
    const documents = Object.values(DOCUMENTS).map(installedPath);
    const pages = system.run('sh', '-c', 'zcat /usr/share/man/man[58]/denywatch*');
    const inPages = Array.from(pages.matchAll(/\/usr\/share\/doc\/denywatch[\w./-]+/g), String);
    assert.ok(inPages.length > 0);
    const find = `find ${installedPath('')} -name '*.md'`;
    const links = system.run('sh', '-c', find).trim().split('\n').flatMap(linksOf(system));
    assert.ok(links.includes(`${installedPath('')}etc/systemd/nagios.conf`));
    for (const path of [...documents, ...inPages, ...links]) system.run('test', '-r', path);
  });

  await t.test('it does not take a configuration from the working directory', () => {
    system.run('mkdir', '-p', '/run/checkout/etc');
    system.write('/run/checkout/etc/denywatch.yaml', 'nonsense: 1\n');
    const looked = system.run('sh', '-c', 'cd /run/checkout; denywatch check 2>&1 || true');
    assert.match(looked, /\/etc\/denywatch\/denywatch\.yaml: there is no configuration yet/);
  });

  await t.test('SIGUSR1 opens no debugger in it', () => {
    configure(system);
    system.run('systemctl', 'enable', '--quiet', '--now', UNIT);
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

  await t.test('installed again, it says that it is enabled and does not run', () => {
    system.run('dpkg', '-r', 'denywatch');
    const said = system.run('dpkg', '-i', seen(deb));
    assert.match(said, /enabled, but not running: systemctl start denywatch/);
    system.run('dpkg', '-P', 'denywatch');
    assert.deepEqual(traces(system), clean);
  });

  await t.test('what INSTALL says installs it, upgrades it while it runs, and removes it', () => {
    const [install, [restart = ''], uninstall] = installNotes();
    const copy = install.slice(0, 4);
    const type = (lines: readonly string[]) =>
      system.run('sh', '-ec', `cd ${seen(tree)}\n${lines.join('\n')}`);
    const pid = () => system.property(UNIT, 'MainPID');
    type(copy);
    configure(system);
    type(install.filter((line) => line.startsWith('systemctl enable')));
    assert.equal(active(), 'active');
    const first = pid();
    type(copy);
    assert.equal(pid(), first);
    type([restart]);
    assert.equal(active(), 'active');
    assert.notEqual(pid(), first);
    type(uninstall);
    assert.equal(active(), 'inactive');
    assert.deepEqual(traces(system), clean);
  });
});

/** The commands of packaging/INSTALL, a list for each purpose. */
function installNotes(): [install: string[], upgrade: string[], uninstall: string[]] {
  const text = readFileSync(join(ROOT, 'packaging/INSTALL'), 'utf8');
  const after = (title: string) => {
    const block = new RegExp(`^${title}[^]*?\\n((?: {2}.*\\n)+)`, 'm').exec(text);
    return block![1]!
      .replaceAll('\\\n', '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  };
  return [after('To install'), after('To upgrade'), after('To uninstall')];
}

/** The files that a document refers to, as paths on the machine. */
function linksOf(system: System) {
  return (document: string): string[] => {
    const targets = system.run('cat', document).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g);
    return Array.from(targets, ([, target = '']) => join(document, `../${target}`));
  };
}

/** Its monitor need not be there. */
function configure(system: System): void {
  system.write(CONFIG, 'sources: [{ journal: {} }]\nmonitors: [{ nsca: 127.0.0.1 }]\n');
}
