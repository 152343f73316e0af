/**
 * Makes the packages in build/, for each processor:
 *
 *   denywatch_VERSION_ARCHITECTURE.deb       for Debian and its relatives
 *   denywatch-VERSION-linux-PROCESSOR.tar.xz for others, with installation notes
 *
 * It also writes the list of what they contain (denywatch-VERSION.cdx.json, CycloneDX) and the
 * checksums of all files (SHA256SUMS). The same source and SOURCE_DATE_EPOCH give the same bytes.
 *
 *   node packaging/package.ts [x64] [arm64]
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { makeArchive } from './archive.ts';
import { BUILD, bundle } from './build.ts';
import { makeDeb } from './deb.ts';
import { layOut } from './layout.ts';
import { listMaterials } from './materials.ts';
import { needPrograms } from './need-programs.ts';
import { PROCESSORS } from './node-for.ts';

const { version } = packageJson;

/** Returns the paths of all files that were made. */
async function packAll(names: readonly string[]): Promise<string[]> {
  needPrograms({ 'dpkg-deb': 'dpkg', tar: 'tar', xz: 'xz-utils' });
  mkdirSync(BUILD, { recursive: true });
  const metafile = await bundle();
  const files: string[] = [];
  for (const processor of PROCESSORS) {
    if (names.length > 0 && !names.includes(processor.node)) continue;
    const tree = join(BUILD, `denywatch-${version}-linux-${processor.node}`);
    await layOut(tree, processor, metafile);
    files.push(makeArchive(tree), makeDeb(tree, processor));
    rmSync(tree, { recursive: true });
  }
  const materials = join(BUILD, `denywatch-${version}.cdx.json`);
  writeFileSync(materials, `${JSON.stringify(listMaterials(), null, 2)}\n`);
  return [...files, materials];
}

const files = await packAll(process.argv.slice(2));
const sums = files.map((file) => {
  const sum = createHash('sha256').update(readFileSync(file)).digest('hex');
  return `${sum}  ${basename(file)}\n`;
});
writeFileSync(join(BUILD, 'SHA256SUMS'), sums.join(''));
for (const file of files)
  process.stdout.write(`${file}  ${(statSync(file).size / 1e6).toFixed(1)} MB\n`);
