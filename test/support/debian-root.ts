/** Roots of Debian's releases: made by mmdebstrap, and kept for the next run. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Debian's releases by their code names. */
export const RELEASES = ['bullseye', 'bookworm', 'trixie', 'forky'] as const;
export type Release = (typeof RELEASES)[number];

export interface RootOptions {
  /** Packages beside those that a root needs to boot. */
  readonly packages: readonly string[];
  /** Packages that apt can install there without a network. */
  readonly offered?: readonly string[];
}

/** What this Node is linked with, beside the C library: for a root in which the checkout is run. */
export const NODE_LIBRARIES = ['libatomic1', 'libstdc++6'];

/** Where roots are kept; a machine that has none makes each in half a minute. */
const CACHE = process.env['DENYWATCH_ROOTS'] ?? '/var/cache/denywatch-test';
/** systemd as PID 1. */
const ALWAYS = ['systemd', 'systemd-sysv', 'dbus'];
const MIRROR = 'http://deb.debian.org/debian';

/**
 * The folder of a root with these packages. It is shared and must not be changed: run on an overlay
 * of it (`boot`). Needs root and mmdebstrap; throws with what mmdebstrap said.
 */
export function debianRoot(release: Release, { packages, offered = [] }: RootOptions): string {
  const included = [...new Set([...ALWAYS, ...packages])].toSorted();
  const key = createHash('sha256')
    .update([...included, '', ...offered].join('\n'))
    .digest('hex');
  const root = join(CACHE, `${release}-${key.slice(0, 12)}`);
  mkdirSync(CACHE, { recursive: true });
  // Test files run beside each other: one makes the root, the others wait for it.
  const make = [process.execPath, import.meta.filename, release, root, included.join(',')];
  const made = spawnSync('flock', [`${root}.lock`, ...make, ...offered], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`no root of ${release}: ${made.stdout}${made.stderr}`);
  return root;
}

/**
 * Made in memory and then copied, which takes half the time: dpkg waits for the disk after each file.
 * $1: folder to make it in, $2: folder to copy it to; the rest is the command that makes it.
 */
const IN_MEMORY = `
set -e
new=$1 to=$2
shift 2
mount -t tmpfs tmpfs "$new"
"$@"
cp -a "$new/root" "$to"
`;

/** Offers packages ($2…) in the root $1. Those that are installed already are not kept there. */
const OFFER = `chroot "$1" apt-get clean
chroot "$1" apt-get install --yes --download-only --no-install-recommends `;

/** What `debianRoot` runs under its lock. A root that is there is whole: it is renamed at the end. */
function makeRoot([release = '', root = '', packages = '', ...offered]: readonly string[]): number {
  if (existsSync(root)) return 0;
  const [unfinished, memory] = [`${root}.new`, `${root}.memory`];
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(memory, { recursive: true });
  const command = [
    'mmdebstrap',
    '--variant=minbase',
    // A mirror may be weeks behind.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    `--include=${packages}`,
    ...(offered.length > 0
      ? ['--skip=cleanup/apt', `--customize-hook=${OFFER}${offered.join(' ')}`]
      : []),
    release,
    join(memory, 'root'),
    MIRROR,
  ];
  const shell = ['--mount', 'sh', '-c', IN_MEMORY, 'sh', memory, unfinished];
  const { status, stderr } = spawnSync('unshare', [...shell, ...command], { encoding: 'utf8' });
  rmSync(memory, { recursive: true });
  if (status !== 0) {
    process.stderr.write(`mmdebstrap: ${stderr.slice(-4000)}\n`);
    rmSync(unfinished, { recursive: true, force: true });
    return 1;
  }
  renameSync(unfinished, root);
  return 0;
}

if (process.argv[1] === import.meta.filename) process.exitCode = makeRoot(process.argv.slice(2));
