/** The installed files, laid out as on a host. */
import { chmodSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Metafile } from 'esbuild';
import { makeExecutable, ROOT } from './build.ts';
import { completions } from './completions.ts';
import { copyright } from './copyright.ts';
import type { Processor } from './node-for.ts';

/** Where the documents are on a host; src/host/documents.ts names it too. */
export const DOC = 'usr/share/doc/denywatch';

/** The files that are copied unchanged, and where to. */
const COPIED: Readonly<Record<string, string>> = {
  'systemd/denywatch.service': 'usr/lib/systemd/system/denywatch.service',
  'systemd/denywatch.sysusers': 'usr/lib/sysusers.d/denywatch.conf',
  'systemd/denywatch.tmpfiles': 'usr/lib/tmpfiles.d/denywatch.conf',
  'README.md': `${DOC}/README.md`,
};

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
  for (const path of globSync('docs/*.{md,png}', { cwd: ROOT })) put(`${DOC}/${path}`, read(path));
  for (const path of globSync('etc/**/*.*', { cwd: ROOT }))
    put(`${DOC}/examples/${path.slice('etc/'.length)}`, read(path));
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
