/** Node in the version of the lock file, for each processor that has a package. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A processor: Node's name for it, Debian's, and the program that strips symbols from its code. */
export interface Processor {
  readonly node: 'x64' | 'arm64';
  readonly debian: 'amd64' | 'arm64';
  readonly strip: string;
  /** The Debian package that has `strip`. */
  readonly binutils: string;
}

export const PROCESSORS: readonly Processor[] = [
  {
    node: 'x64',
    debian: 'amd64',
    strip: 'x86_64-linux-gnu-strip',
    binutils: 'binutils-x86-64-linux-gnu',
  },
  {
    node: 'arm64',
    debian: 'arm64',
    strip: 'aarch64-linux-gnu-strip',
    binutils: 'binutils-aarch64-linux-gnu',
  },
];

/** Whether this machine runs code for it. */
export function isHere({ node }: Processor): boolean {
  return node === process.arch;
}

/**
 * The folder of the npm package with Node for a processor. npm installs the one for this machine;
 * another one is fetched into `cache`, and must have the digest in the lock file.
 * @throws Error if it does not
 */
export function nodePackage({ node }: Processor, root: string, cache: string): string {
  const name = `node-linux-${node}`;
  const installed = join(root, 'node_modules', name);
  if (existsSync(installed)) return installed;
  const { version, integrity } = locked(root, name);
  const folder = join(cache, `${name}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  // Another build may fetch it at the same time.
  const part = mkdtempSync(join(cache, `${name}-`));
  try {
    execFileSync('npm', ['pack', '--silent', '--pack-destination', part, `${name}@${version}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const archive = join(part, `${name}-${version}.tgz`);
    const digest = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (digest !== integrity)
      throw new Error(`${archive} is not what package-lock.json says: ${digest}, not ${integrity}`);
    execFileSync('tar', ['-xzf', archive, '-C', part]);
    if (!existsSync(folder)) renameSync(join(part, 'package'), folder);
  } finally {
    rmSync(part, { recursive: true });
  }
  return folder;
}

function locked(root: string, name: string): { version: string; integrity: string } {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity: string }>;
  };
  const found = packages[`node_modules/${name}`];
  if (found === undefined) throw new Error(`package-lock.json has no ${name}`);
  return found;
}
