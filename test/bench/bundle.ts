/** The program as the package installs it: one file, compiled beforehand. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
export const BUNDLE = join(ROOT, 'build/denywatch.cjs');

/** Node's cache of compiled code, empty at first: the round that doesn't count fills it. */
const cache = mkdtempSync(join(tmpdir(), 'denywatch-cache-'));
process.on('exit', () => rmSync(cache, { recursive: true, force: true }));
export const ENV = { ...process.env, NODE_COMPILE_CACHE: cache };

execFileSync('npm', ['run', '--silent', '--if-present', 'build'], {
  cwd: ROOT,
  stdio: ['ignore', 2, 2],
});
