/**
 * Takes protections out of a copy of the source, one at a time, and runs the test for each:
 * `node test/mutations/run.ts [WORD]`; with WORD only those that contain it.
 * Exits with 1 if a test does not notice, or fails without a change.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTATIONS, type Mutation } from './mutations.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const LEFT_OUT = new Set(['node_modules', '.git']);

/** A copy of the tree that may be changed. */
function copy(): string {
  const dir = mkdtempSync(join(tmpdir(), 'denywatch-mutation-'));
  chmodSync(dir, 0o755); // Nagios reads its objects there as another user.
  for (const name of readdirSync(ROOT)) {
    if (!LEFT_OUT.has(name)) cpSync(join(ROOT, name), join(dir, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  return dir;
}

function passes(dir: string, { test, name }: Mutation): boolean {
  const args = ['--test', '--test-name-pattern', name, join('test', test)];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: dir, encoding: 'utf8' });
  if (!/^ℹ (pass|fail) [1-9]/m.test(stdout)) throw new Error(`${test} has no test ${name}`);
  return status === 0;
}

function change(dir: string, { file, find, replace }: Mutation): void {
  const path = join(dir, 'src', file);
  const parts = readFileSync(path, 'utf8').split(find);
  if (parts.length !== 2) throw new Error(`src/${file} has ${parts.length - 1} times: ${find}`);
  writeFileSync(path, parts.join(replace));
}

const [word = ''] = process.argv.slice(2);
let unnoticed = 0;
for (const mutation of MUTATIONS) {
  if (!JSON.stringify(mutation).includes(word)) continue;
  const dir = copy();
  const before = passes(dir, mutation);
  change(dir, mutation);
  const noticed = before && !passes(dir, mutation);
  rmSync(dir, { recursive: true });
  const verdict = noticed ? 'noticed' : before ? 'UNNOTICED' : 'FAILS WITHOUT A CHANGE';
  process.stdout.write(`${verdict}: without ${mutation.without} (test/${mutation.test})\n`);
  if (!noticed) unnoticed++;
}
process.exitCode = unnoticed === 0 ? 0 : 1;
