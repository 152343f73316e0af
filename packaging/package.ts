/**
 * Packs what a host gets into build/:
 *
 *   denywatch_VERSION_ARCHITECTURE.deb       for Debian and its relatives
 *   denywatch-VERSION-linux-PROCESSOR.tar.xz for others, with a note how to install it
 *
 * Both are for this machine's processor. SOURCE_DATE_EPOCH sets the time that files get.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import packageJson from '../package.json' with { type: 'json' };
import { BUILD, buildExecutable, EXECUTABLE, ROOT } from './build.ts';
import { completions } from './completions.ts';
import { copyright } from './copyright.ts';
import { needPrograms } from './need-programs.ts';

const { version } = packageJson;
const DOC = 'usr/share/doc/denywatch';
const MAINTAINER = 'denywatch authors <denywatch@example.invalid>';
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** When it was made, for files and for the changelog. */
const made = new Date(Number(process.env['SOURCE_DATE_EPOCH'] ?? Date.now() / 1000) * 1000);

/** Builds the executable and lays out all files as they are on a host, in a directory of their own. */
export async function layOut(tree: string): Promise<void> {
  needPrograms({ strip: 'binutils', 'dpkg-deb': 'dpkg', tar: 'tar', xz: 'xz-utils' });
  const metafile = await buildExecutable();
  rmSync(tree, { recursive: true, force: true });
  const put = (path: string, content: string | Buffer, mode = 0o644) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content);
    chmodSync(join(tree, path), mode);
  };
  const copy = (from: string, to: string, mode?: number) =>
    put(to, readFileSync(join(ROOT, from)), mode);
  const zip = (from: string, to: string) => put(to, gzipped(readFileSync(join(ROOT, from))));

  mkdirSync(join(tree, 'usr/bin'), { recursive: true });
  cpSync(EXECUTABLE, join(tree, 'usr/bin/denywatch'));
  chmodSync(join(tree, 'usr/bin/denywatch'), 0o755);
  copy('systemd/denywatch.service', 'usr/lib/systemd/system/denywatch.service');
  copy('systemd/denywatch.sysusers', 'usr/lib/sysusers.d/denywatch.conf');
  copy('systemd/denywatch.tmpfiles', 'usr/lib/tmpfiles.d/denywatch.conf');
  // It may come to hold a password. tmpfiles gives it to the agent's group.
  copy('etc/denywatch.yaml', 'etc/denywatch/denywatch.yaml', 0o640);
  copy('etc/hosts.deny.example', `${DOC}/examples/hosts.deny`);
  copy('etc/nagios/tcp-wrappers.cfg', `${DOC}/examples/nagios/tcp-wrappers.cfg`);
  copy('etc/systemd/nagios.conf', `${DOC}/examples/systemd/nagios.conf`);
  for (const page of globSync('man/*.[1-8]', { cwd: ROOT }))
    zip(page, `usr/share/man/man${extname(page).slice(1)}/${basename(page)}.gz`);
  for (const [path, script] of Object.entries(await completions()))
    put(`usr/share/${path}`, script);
  zip('CHANGELOG.md', `${DOC}/changelog.gz`);
  put(`${DOC}/copyright`, copyright(metafile));
}

/** Makes a Debian package of the tree, which gets a folder DEBIAN for it. Gives the file's path. */
export function makeDeb(tree: string, options: readonly string[] = ['-Zxz']): string {
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined) throw new Error(`no Debian package for ${process.arch}`);
  const news = `denywatch (${version}-1) unstable; urgency=medium

  * What is new is in changelog.gz.

 -- ${MAINTAINER}  ${made.toUTCString().replace('GMT', '+0000')}
`;
  writeFileSync(join(tree, DOC, 'changelog.Debian.gz'), gzipped(Buffer.from(news)));
  const overrides = join(tree, 'usr/share/lintian/overrides/denywatch');
  mkdirSync(dirname(overrides), { recursive: true });
  cpSync(join(ROOT, 'packaging/debian/lintian-overrides'), overrides);
  const files = globSync('**', { cwd: tree, withFileTypes: true }).filter((file) => file.isFile());
  const bytes = files.reduce(
    (sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size,
    0,
  );
  const control = join(tree, 'DEBIAN');
  mkdirSync(control);
  // The libraries that Node needs, in the versions that Node says it needs.
  const depends = 'libatomic1, libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 5.2)';
  const systemd = ['sysusers', 'tmpfiles'].map((name) => `systemd | systemd-standalone-${name}`);
  writeFileSync(
    join(control, 'control'),
    `Package: denywatch
Version: ${version}-1
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: ${depends}, ${systemd.join(', ')}
Section: admin
Priority: optional
Description: tell Nagios about connections that TCP wrappers refused
 An agent that follows log files and the journal, recognises what libwrap and
 tcpd refused, and tells Nagios by NSCA or NSCA-ng. Alerts wait in a queue on
 disk while the monitor is away; repeats, port scans and storms are folded.
 .
 It takes the place of a twist rule in hosts.deny with a script for send_nsca.
`,
  );
  writeFileSync(join(control, 'conffiles'), '/etc/denywatch/denywatch.yaml\n');
  for (const script of ['postinst', 'prerm', 'postrm']) {
    cpSync(join(ROOT, 'packaging/debian', script), join(control, script));
    chmodSync(join(control, script), 0o755);
  }
  const sums = execFileSync('sh', ['-c', 'find usr -type f | sort | xargs md5sum'], { cwd: tree });
  writeFileSync(join(control, 'md5sums'), sums);
  const deb = join(dirname(tree), `denywatch_${version}-1_${architecture}.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', ...options, '--build', tree, deb], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  rmSync(control, { recursive: true });
  return deb;
}

/** Makes the archive for other distributions of the tree. Gives the file's path. */
function makeTar(tree: string): string {
  const name = basename(tree);
  const note = join(tree, 'INSTALL');
  cpSync(join(ROOT, 'packaging/INSTALL'), note);
  const file = join(BUILD, `${name}.tar.xz`);
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name'];
  const time = `--mtime=${made.toISOString()}`;
  execFileSync('tar', ['-cJf', file, ...owner, time, '-C', dirname(tree), name], {
    env: { ...process.env, XZ_OPT: '-T0' },
  });
  rmSync(note);
  return file;
}

function gzipped(content: Buffer): Buffer {
  return gzipSync(content, { level: 9 });
}

if (import.meta.main) {
  const tree = join(BUILD, `denywatch-${version}-linux-${process.arch}`);
  await layOut(tree);
  for (const file of [makeTar(tree), makeDeb(tree)]) {
    process.stdout.write(`${file}  ${(statSync(file).size / 1e6).toFixed(1)} MB\n`);
  }
  rmSync(tree, { recursive: true });
}
