/** Roots of Debian's releases: made by mmdebstrap, and kept for the next run. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AS_ARM64 } from './foreign.ts';
import { IN_CI, needs, type Need } from './packages.ts';

/** Debian's releases by their code names. */
export const RELEASES = ['bullseye', 'bookworm', 'trixie', 'forky'] as const;
export type Release = (typeof RELEASES)[number];

export interface RootOptions {
  /** Packages beside those that a root needs to boot. */
  readonly packages: readonly string[];
  /** Packages that apt can install there without a network. */
  readonly offered?: readonly string[];
  /** Another processor's root. It has systemd, but nothing starts it there. */
  readonly processor?: 'arm64';
}

/** What this Node is linked with, beside the C library: for a root in which the checkout is run. */
export const NODE_LIBRARIES = ['libatomic1', 'libstdc++6'];

/** Where roots are kept; a machine that has none makes each in half a minute. */
const CACHE = process.env['DENYWATCH_ROOTS'] ?? '/var/cache/denywatch-test';
/** systemd as PID 1. */
const ALWAYS = ['systemd', 'systemd-sysv', 'dbus'];
const MIRROR = 'http://deb.debian.org/debian';

/** A root that tests need. */
export interface NeededRoot {
  /** Options for a test: it is skipped by name where there is no such root, and never in CI. */
  readonly needs: { skip?: string };
  /**
   * The root's folder. It is shared and must not be changed: run on an overlay of it (`boot`).
   * @throws Error with what mmdebstrap said, where the root could not be made
   */
  readonly path: () => string;
}

/**
 * Makes the root of a release for tests, if it is not there yet.
 * @param wanted what else the tests need
 */
export function neededRoot(
  release: Release,
  options: RootOptions,
  ...wanted: readonly Need[]
): NeededRoot {
  const lacks = needs('root', 'mmdebstrap', ...wanted);
  if (lacks.skip !== undefined) return { needs: lacks, path: () => '' };
  try {
    const root = debianRoot(release, options);
    return { needs: {}, path: () => root };
  } catch (error) {
    // The test fails in CI, by this error.
    const path = () => {
      throw error;
    };
    const [reason = ''] = (error as Error).message.split('\n');
    return { needs: IN_CI ? {} : { skip: reason }, path };
  }
}

/**
 * The folder of a root with these packages.
 * @throws Error with what mmdebstrap said
 */
function debianRoot(release: Release, options: RootOptions): string {
  const { offered = [], processor } = options;
  const packages = [...new Set([...ALWAYS, ...options.packages])].toSorted();
  const key = createHash('sha256')
    .update([...packages, '', ...offered].join('\n'))
    .digest('hex');
  const name = [release, ...(processor === undefined ? [] : [processor]), key.slice(0, 12)].join(
    '-',
  );
  const root = join(CACHE, name);
  mkdirSync(CACHE, { recursive: true });
  const hooks = processor === 'arm64' ? arm64(packages, offered) : native(packages, offered);
  // Test files run beside each other: one makes the root, the others wait for it.
  const make = [process.execPath, import.meta.filename, root, release, ...hooks];
  const made = spawnSync('flock', [`${root}.lock`, ...make], { encoding: 'utf8' });
  if (made.status !== 0) {
    const errors = made.stderr.split('\n').filter((line) => line.startsWith('E: '));
    throw new Error(`no root of Debian's ${name}: ${errors.join(' ')}\n${made.stderr}`);
  }
  return root;
}

/** Offers packages (the words behind it) in a root, and keeps no others there. For mmdebstrap's hooks. */
const OFFER = `export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
apt-get clean
apt-get install --yes --download-only --no-install-recommends `;

/** Options of mmdebstrap for this machine's processor. */
function native(packages: readonly string[], offered: readonly string[]): string[] {
  const minimal = ['--variant=minbase', `--include=${packages.join(',')}`];
  if (offered.length === 0) return minimal;
  return [...minimal, '--skip=cleanup/apt', `--customize-hook=${OFFER}${offered.join(' ')}`];
}

/**
 * The same for arm64. This machine's dpkg unpacks the packages, and only their scripts are emulated:
 * that takes a minute, and four if the root's own dpkg does it.
 */
function arm64(packages: readonly string[], offered: readonly string[]): string[] {
  const configure = `
mount -t proc proc "$1/proc"
dpkg --root="$1" --force-depends --force-unsafe-io --install "$1"/var/cache/apt/archives/*.deb
${OFFER}${offered.join(' ')}`;
  return [
    '--architectures=arm64',
    '--variant=extract',
    '--skip=check/qemu,cleanup/apt',
    '--include=?essential',
    `--include=${['apt', ...packages].join(',')}`,
    `--extract-hook=bash -c "$AS_ARM64" as-arm64 sh -ec '${configure}' configure "$1"`,
  ];
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

/** What `debianRoot` runs under its lock. A root that is there is whole: it is renamed at the end. */
function makeRoot([root = '', release = '', ...options]: readonly string[]): number {
  if (existsSync(root)) return 0;
  const [unfinished, memory] = [`${root}.new`, `${root}.memory`];
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(memory, { recursive: true });
  // A mirror may be weeks behind.
  const always = ['mmdebstrap', '--aptopt=Acquire::Check-Valid-Until "false"'];
  const command = [...always, ...options, release, join(memory, 'root'), MIRROR];
  const shell = ['--mount', 'sh', '-c', IN_MEMORY, 'sh', memory, unfinished];
  const { status, stderr } = spawnSync('unshare', [...shell, ...command], {
    encoding: 'utf8',
    env: { ...process.env, AS_ARM64 },
  });
  rmSync(memory, { recursive: true });
  if (status !== 0) {
    process.stderr.write(stderr.slice(-4000));
    rmSync(unfinished, { recursive: true, force: true });
    return 1;
  }
  renameSync(unfinished, root);
  return 0;
}

if (process.argv[1] === import.meta.filename) process.exitCode = makeRoot(process.argv.slice(2));
