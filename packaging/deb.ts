/** The Debian package. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { ROOT } from './build.ts';
import { DOC, gzipped } from './layout.ts';
import { MADE } from './made.ts';
import type { Processor } from './node-for.ts';

const { version } = packageJson;
const MAINTAINER = 'denywatch authors <denywatch@example.invalid>';

/** The libraries that Node needs, in the versions that Node documents. */
const DEPENDS = [
  'libatomic1',
  'libc6 (>= 2.28)',
  'libgcc-s1',
  'libstdc++6 (>= 5.2)',
  ...['sysusers', 'tmpfiles'].map((name) => `systemd | systemd-standalone-${name}`),
];

/**
 * Makes a Debian package of the tree; what only a package has is in the tree meanwhile. Returns the
 * file's path, beside the tree.
 */
export function makeDeb(
  tree: string,
  { debian }: Processor,
  options: readonly string[] = ['-Zxz'],
): string {
  const news = `denywatch (${version}-1) unstable; urgency=medium

  * See changelog.gz for the changes.

 -- ${MAINTAINER}  ${MADE.toUTCString().replace('GMT', '+0000')}
`;
  const changelog = join(tree, DOC, 'changelog.Debian.gz');
  writeFileSync(changelog, gzipped(news));
  const lintian = join(tree, 'usr/share/lintian');
  cpSync(join(ROOT, 'packaging/debian/lintian-overrides'), join(lintian, 'overrides/denywatch'));
  const control = join(tree, 'DEBIAN');
  mkdirSync(control);
  writeFileSync(join(control, 'control'), controlFile(debian, sizeOf(tree)));
  for (const script of ['postinst', 'prerm', 'postrm']) {
    cpSync(join(ROOT, 'packaging/debian', script), join(control, script));
    chmodSync(join(control, script), 0o755);
  }
  const sums = execFileSync('sh', ['-c', 'find usr -type f | LC_ALL=C sort | xargs md5sum'], {
    cwd: tree,
  });
  writeFileSync(join(control, 'md5sums'), sums);
  const deb = join(dirname(tree), `denywatch_${version}-1_${debian}.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', ...options, '--build', tree, deb], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // The time of every file in it, and no dependence on the number of processors.
    env: {
      ...process.env,
      SOURCE_DATE_EPOCH: String(MADE.getTime() / 1000),
      DPKG_DEB_THREADS_MAX: '1',
    },
  });
  for (const added of [changelog, lintian, control]) rmSync(added, { recursive: true });
  return deb;
}

function controlFile(architecture: string, bytes: number): string {
  return `Package: denywatch
Version: ${version}-1
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: ${DEPENDS.join(', ')}
Section: admin
Priority: optional
Description: report connections refused by TCP wrappers to Nagios or Icinga
 This agent follows log files and the journal, recognises connections that
 libwrap and tcpd refused, and reports them to Nagios, Naemon or Icinga 2 as
 passive check results. Alerts wait in a queue on disk while the monitor is
 down. Repeats, port scans and storms become few alerts.
 .
 It replaces a twist rule in hosts.deny with a script for send_nsca.
`;
}

function sizeOf(tree: string): number {
  const files = globSync('**', { cwd: tree, withFileTypes: true }).filter((file) => file.isFile());
  return files.reduce(
    (sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size,
    0,
  );
}
