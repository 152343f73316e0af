/** The installed files, laid out as on a host. */
import {
  chmodSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Metafile } from 'esbuild';
import { installedPath } from '../src/host/documents.ts';
import { makeExecutable, ROOT } from './build.ts';
import { completions } from './completions.ts';
import { copyright } from './copyright.ts';
import type { Processor } from './node-for.ts';

/** Where the documents are on a host. */
export const DOC = installedPath('').slice(1, -1);

/** The files that are copied unchanged, and where to. */
const COPIED: Readonly<Record<string, string>> = {
  'systemd/denywatch.service': 'usr/lib/systemd/system/denywatch.service',
  'systemd/denywatch.sysusers': 'usr/lib/sysusers.d/denywatch.conf',
  'systemd/denywatch.tmpfiles': 'usr/lib/tmpfiles.d/denywatch.conf',
};

const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'docs/*.{md,png}', 'etc/**/*.*'];

/**
 * Lays out all files in a separate directory.
 * @param metafile what is in the bundle, for the licences
 */
export async function layOut(
  tree: string,
  processor: Processor,
  metafile: Metafile,
): Promise<void> {
  rmSync(tree, { recursive: true, force: true });
  const put = (path: string, content: string | Buffer) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content);
    chmodSync(join(tree, path), 0o644);
  };

  const executable = join(tree, 'usr/bin/denywatch');
  mkdirSync(dirname(executable), { recursive: true });
  makeExecutable(processor, executable);
  chmodSync(executable, 0o755);
  for (const [from, to] of Object.entries(COPIED)) put(to, read(from));
  for (const path of globSync(DOCUMENTS, { cwd: ROOT })) put(installedPath(path), read(path));
  // The documents refer to each other, and to the examples, as in a checkout.
  symlinkSync('examples', join(tree, DOC, 'etc'));
  for (const page of globSync('man/*.[1-8]', { cwd: ROOT }))
    put(`usr/share/man/man${extname(page).slice(1)}/${basename(page)}.gz`, gzipped(read(page)));
  for (const [path, script] of Object.entries(await completions()))
    put(`usr/share/${path}`, script);
  put(`${DOC}/changelog.gz`, gzipped(read('CHANGELOG.md')));
  put(`${DOC}/copyright`, copyright(metafile, processor));
}

function read(path: string): Buffer {
  return readFileSync(join(ROOT, path));
}

/** Always gives the same bytes: Node writes no time into the header. */
export function gzipped(content: string | Buffer): Buffer {
  return gzipSync(content, { level: 9 });
}
