/** The Debian package, as the tests install it in a machine of their own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TestContext } from 'node:test';
import { BUILD, bundle, ROOT } from '../../packaging/build.ts';
import { makeDeb } from '../../packaging/deb.ts';
import { layOut } from '../../packaging/layout.ts';
import { isHere, PROCESSORS, type Processor } from '../../packaging/node-for.ts';
import { CHECKOUT, type System } from './systemd.ts';

interface BuildOptions {
  readonly processor?: Processor;
  readonly options?: readonly string[];
}

export interface BuiltPackage {
  readonly deb: string;
  /** Builds the same under a higher version. */
  readonly newer: () => string;
  /** The installed files, as in the archive. */
  readonly tree: string;
}

/** The processor of this machine. */
export const HERE = PROCESSORS.find(isHere)!;

/**
 * Builds the package for a processor; it is removed when the test ends.
 * @param options of dpkg-deb; by default it is hardly compressed, which takes half of the time
 */
export async function buildPackage(
  t: TestContext,
  { processor = HERE, options = ['-Zxz', '-z0'] }: BuildOptions = {},
): Promise<BuiltPackage> {
  mkdirSync(BUILD, { recursive: true });
  // Below the checkout, which a booted machine sees.
  const dir = mkdtempSync(join(BUILD, 'test-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const tree = join(dir, 'tree');
  await layOut(tree, processor, await bundle());
  const deb = makeDeb(tree, processor, options);
  return { deb, newer: () => nextVersion(deb, dir), tree };
}

function nextVersion(deb: string, dir: string): string {
  const raw = join(dir, 'raw');
  const file = join(dir, 'newer.deb');
  execFileSync('dpkg-deb', ['-R', deb, raw]);
  const control = join(raw, 'DEBIAN/control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*/m, '$&+next1'));
  execFileSync('dpkg-deb', ['-Znone', '--build', raw, file], { stdio: 'ignore' });
  return file;
}

/** Where a booted machine sees a file that `buildPackage` made. */
export function seen(file: string): string {
  return join(CHECKOUT, relative(ROOT, file));
}

/** What is called denywatch on a machine: files, and lines of the databases of users and packages. */
export function traces(system: System): string[] {
  const find = `find /etc /usr /var -xdev -name '*denywatch*'`;
  const grep =
    'grep -l denywatch /etc/passwd /etc/group /etc/shadow /etc/gshadow /var/lib/dpkg/status';
  return system.run('sh', '-c', `${find}; ${grep} || true`).split('\n').toSorted();
}
