import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { groupName } from './account.ts';
import { WriteError } from './whole-file.ts';
import { reasonWithPath } from '../text/reason.ts';

/** The message of an error, with who may read the file if this user may not. */
export function explained(error: Error): string {
  const who = whoMayRead(error);
  return who === null ? reasonWithPath(error) : `${reasonWithPath(error)}; ${who}`;
}

/** The same for a service, which is not to run as root. */
export function explainedToService(error: Error): string {
  const how =
    'the user that runs this must be able to read it: denywatch check, run as root, shows how';
  return whoMayRead(error) === null ? reasonWithPath(error) : `${reasonWithPath(error)}; ${how}`;
}

/**
 * Who may read the file that an error says this user may not read: `run as root, or as a member of
 * group adm`. Null for any other error; also one that was caused by such an error counts.
 */
function whoMayRead(error: unknown): string | null {
  if (!(error instanceof Error) || error instanceof WriteError) return null;
  if (error.message.includes('run as root')) return null;
  const { code, syscall, path, cause } = error as NodeJS.ErrnoException;
  if (code !== 'EACCES' || syscall !== 'open' || path === undefined) return whoMayRead(cause);
  const group = readingGroup(path);
  return group === null ? 'run as root' : `run as root, or as a member of group ${group}`;
}

/** The group whose members may read a file, or enter its directory; null if that is root's. */
function readingGroup(path: string, right = 0o040): string | null {
  try {
    const { gid, mode } = statSync(path);
    return gid !== 0 && (mode & right) !== 0 ? groupName(gid) : null;
  } catch {
    // The root directory can always be looked at.
    return readingGroup(dirname(path), 0o010);
  }
}
