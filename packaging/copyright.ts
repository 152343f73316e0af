/** The licences of everything in the executable, in one file, as Debian requires. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { BUILD, ROOT } from './build.ts';
import { nodePackage, type Processor } from './node-for.ts';

/** @throws Error where a package has no licence */
export function copyright({ inputs }: Metafile, processor: Processor): string {
  const bundled = Object.keys(inputs).flatMap(
    (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  const names = [...new Set(bundled)].toSorted();
  const parts = names.map((name) => part(name, join(ROOT, 'node_modules', name)));
  const node = part(`node-linux-${processor.node}`, nodePackage(processor, ROOT, BUILD));
  return `${part('denywatch', ROOT)}
The executable contains the packages below and Node.js, each under its own licence.

${parts.join('\n')}
${node}`;
}

function part(name: string, directory: string): string {
  const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} has no file with its licence in ${directory}`);
  const manifest = readFileSync(join(directory, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const rule = '-'.repeat(78);
  return `${rule}\n${name} ${version}\n${rule}\n\n${readFileSync(join(directory, file), 'utf8').trim()}\n`;
}
