/** The archive for distributions that do not use Debian packages. */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ROOT } from './build.ts';
import { MADE } from './made.ts';

/** Packs the tree, with installation notes. Returns the file's path, beside the tree. */
export function makeArchive(tree: string): string {
  const name = basename(tree);
  const note = join(tree, 'INSTALL');
  cpSync(join(ROOT, 'packaging/INSTALL'), note);
  const file = join(dirname(tree), `${name}.tar.xz`);
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name'];
  const time = `--mtime=${MADE.toISOString()}`;
  execFileSync('tar', ['-cJf', file, ...owner, time, '-C', dirname(tree), name], {
    // One thread: several would split the data differently.
    env: { ...process.env, XZ_OPT: '-T1' },
  });
  rmSync(note);
  return file;
}
