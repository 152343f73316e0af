/** Why this user may not use a place of Nagios, with the commands that fix it. */
import { accessSync, constants } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { MonitorError } from '../error.ts';
import { reasonOf } from '../../text/reason.ts';

/** The two places that Nagios reads results from. */
export type Way = 'spool' | 'pipe';

/**
 * The error for an administrator: what to do, with commands if permissions are missing.
 * @param error of a system call on this path, or below it
 */
export function accessError(way: Way, path: string, error: unknown): MonitorError {
  const { code = '' } = error as NodeJS.ErrnoException;
  const options = { cause: error };
  if (code === 'EACCES' || code === 'EPERM') {
    const { username } = userInfo();
    const text = `${username} may not write ${path}; as root: ${grants(way, path, username).join('; ')}`;
    return new MonitorError('local', text, options);
  }
  const reason = WORDS[code];
  if (reason !== undefined) return new MonitorError('local', `${path} ${reason}`, options);
  return new MonitorError('local', `cannot write ${path}: ${reasonOf(error)}`, options);
}

const WORDS: Record<string, string> = {
  ENOENT:
    'does not exist: is Nagios installed, is it running, and does its nagios.cfg name this path?',
  ENOTDIR: 'does not exist: a part of the path is not a directory',
  EROFS:
    'is read-only for this service: name it in ReadWritePaths= of a drop-in (systemctl edit denywatch)',
  ENOSPC: 'cannot be written: its disk is full; make room',
};

/**
 * The commands for access control lists that let a user write there; a group may have no access.
 * Nagios makes its pipe again at each start, with the defaults of its directory.
 */
function grants(way: Way, path: string, user: string): string[] {
  const directories = ancestorsOf(path).filter((directory) => !allows(directory));
  const pass = `setfacl -m u:${user}:x ${directories.join(' ')}`;
  return [
    ...(directories.length === 0 ? [] : [pass]),
    ...(way === 'spool'
      ? [`setfacl -m u:${user}:rwx ${path}`]
      : [`setfacl -m d:u:${user}:rw ${dirname(path)}`, `setfacl -m u:${user}:rw ${path}`]),
  ];
}

/** The directories above a path, from the root down. */
function ancestorsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...ancestorsOf(parent), parent];
}

function allows(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
