/**
 * Compiles src/parse/search/vectors.wat into a module that needs no build: vectors-module.ts beside it.
 *
 *   node packaging/wasm.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import wabt from 'wabt';

const HERE = join(import.meta.dirname, '../src/parse/search');
const SOURCE = join(HERE, 'vectors.wat');
export const OUTPUT = join(HERE, 'vectors-module.ts');

/** The text of vectors-module.ts. */
export async function compiled(): Promise<string> {
  const tools = await wabt();
  const module = tools.parseWat(SOURCE, readFileSync(SOURCE, 'latin1'), { simd: true });
  const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64');
  const pieces = base64.match(/.{1,90}/g)!.map((piece) => `  '${piece}'`);
  return `/** vectors.wat as compiled by \`npm run wasm\`, in base64. */\nexport const MODULE =\n${pieces.join(' +\n')};\n`;
}

if (import.meta.main) writeFileSync(OUTPUT, await compiled());
