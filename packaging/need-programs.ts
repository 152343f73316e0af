import { spawnSync } from 'node:child_process';

/**
 * Checks that programs are installed before they are used.
 * @param programs each with the Debian package that contains it
 * @throws Error that names all missing packages
 */
export function needPrograms(programs: Readonly<Record<string, string>>): void {
  const missing = Object.entries(programs).filter(
    ([program]) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined,
  );
  if (missing.length === 0) return;
  const names = missing.map(([program]) => program).join(', ');
  const packages = new Set(missing.map(([, name]) => name));
  throw new Error(`${names} not found: apt-get install ${[...packages].join(' ')}`);
}
