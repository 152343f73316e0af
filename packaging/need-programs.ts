import { spawnSync } from 'node:child_process';

/**
 * Asks for programs before they are used.
 * @param programs each with the Debian package that has it
 * @throws Error that names all packages that are missing
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
