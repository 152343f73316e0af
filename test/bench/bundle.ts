/** The program as the package installs it. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const DIRECTORY = mkdtempSync(join(tmpdir(), 'denywatch-bench-'));
process.on('exit', () => rmSync(DIRECTORY, { recursive: true }));

export const DENYWATCH = join(DIRECTORY, 'denywatch');

/**
 * Builds it anew: a bench is of the source that is there. It is copied, as dpkg does: of the file as
 * the linker leaves it in the page cache the kernel maps large pieces at once, all of which count as
 * resident (90 MB rather than 64).
 */
export function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  copyFileSync(join(ROOT, 'build/denywatch'), DENYWATCH);
}
