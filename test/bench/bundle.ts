/** The program as the package installs it. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
export const DENYWATCH = join(ROOT, 'build/denywatch');

/** Builds it anew: a bench is of the source that is there. */
export function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
}
