/** Roots of other releases of Debian: made by debootstrap, and kept for the next run. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Debian's releases by their code names. */
export type Release = 'bullseye' | 'bookworm' | 'trixie' | 'forky';

export interface RootOptions {
  /** Packages beside those that a root needs to boot and to run this Node. */
  readonly packages: readonly string[];
  /** Debian's name of the architecture; another than this machine's needs qemu-user. */
  readonly architecture?: string;
}

/** Where roots are kept; a machine that has none fetches each in about a minute. */
const CACHE = process.env['DENYWATCH_ROOTS'] ?? '/var/cache/denywatch-test';
/** systemd as PID 1, and what Node is linked with. */
const ALWAYS = ['systemd', 'systemd-sysv', 'dbus', 'libatomic1', 'libstdc++6'];

/**
 * The folder of a root with these packages. It is shared and must not be changed: run on an overlay
 * of it (`boot`). Needs root and debootstrap; throws with what debootstrap said.
 */
export function debianRoot(release: Release, { packages, architecture }: RootOptions): string {
  const included = [...new Set([...ALWAYS, ...packages])].toSorted();
  const key = createHash('sha256').update(included.join('\n')).digest('hex').slice(0, 12);
  const root = join(CACHE, [release, architecture, key].filter(Boolean).join('-'));
  mkdirSync(CACHE, { recursive: true });
  // Test files run beside each other: one makes the root, the others wait for it.
  const made = spawnSync(
    'flock',
    [
      `${root}.lock`,
      process.execPath,
      import.meta.filename,
      release,
      root,
      included.join(','),
    ].concat(architecture ?? []),
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`no root of ${release}: ${made.stdout}${made.stderr}`);
  return root;
}

/** What `debianRoot` runs under its lock. A root that is there is whole: it is renamed at the end. */
function make([release = '', root = '', packages = '', architecture]: readonly string[]): number {
  if (existsSync(root)) return 0;
  const unfinished = `${root}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  const args = ['--variant=minbase', `--include=${packages}`];
  if (architecture !== undefined) args.push(`--arch=${architecture}`);
  const { status, stdout, stderr } = spawnSync('debootstrap', [...args, release, unfinished], {
    encoding: 'utf8',
  });
  if (status !== 0) {
    process.stderr.write(`debootstrap: ${stdout.slice(-2000)}${stderr.slice(-2000)}\n`);
    rmSync(unfinished, { recursive: true, force: true });
    return 1;
  }
  // The packages themselves are installed and needed no more.
  rmSync(join(unfinished, 'var/cache/apt/archives'), { recursive: true, force: true });
  renameSync(unfinished, root);
  return 0;
}

if (process.argv[1] === import.meta.filename) process.exitCode = make(process.argv.slice(2));
