import { statSync } from 'node:fs';
import { groupName } from './account.ts';

/** The message of an error, with who may read the file if this user may not. */
export function explained(error: Error): string {
  const who = whoMayRead(error);
  return who === null ? error.message : `${error.message}; ${who}`;
}

/**
 * Who may read the file that an error says this user may not read: `run as root, or as a member of
 * group adm`. Null for any other error; also one that was caused by such an error counts.
 */
function whoMayRead(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code, syscall, path, cause } = error as NodeJS.ErrnoException;
  if (code !== 'EACCES' || syscall !== 'open' || path === undefined) return whoMayRead(cause);
  const group = readingGroup(path);
  return group === null ? 'run as root' : `run as root, or as a member of group ${group}`;
}

/** The group whose members may read a file; null if it is root's, or the directory is closed. */
function readingGroup(path: string): string | null {
  try {
    const { gid, mode } = statSync(path);
    return gid !== 0 && (mode & 0o040) !== 0 ? groupName(gid) : null;
  } catch {
    return null;
  }
}
