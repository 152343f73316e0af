/** What can be wrong with a queue file. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { groupName, userName } from '../host/account.ts';

/** SQLite's primary result codes. */
export const SQLITE = { busy: 5, ioerr: 10, corrupt: 11, protocol: 15, notADb: 26 } as const;

/** What somebody wants to do with a queue. */
export type Access = 'read' | 'change';

/** The queue file cannot be used. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
}

/** SQLite's primary result code of an error; NaN where it is none of SQLite's. */
export function codeOf(error: unknown): number {
  const code = (error as { errcode?: number }).errcode;
  return code === undefined ? NaN : code & 0xff;
}

/** Whether another process, or a lock that could not be let go, keeps us from the file. */
export function isLockTrouble(error: unknown): boolean {
  const code = codeOf(error);
  return code === SQLITE.busy || code === SQLITE.protocol;
}

/** Whether SQLite finds that the file is none of its own, or not as it left it. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  return code === SQLITE.corrupt || code === SQLITE.notADb;
}

/** What is left to an administrator: nothing of a damaged file is changed or given up by itself. */
export function damaged(path: string, cause: unknown): QueueError {
  const message =
    `the queue ${path} (queue.path) is damaged: ${(cause as Error).message}. Move it away with its ` +
    "-wal file, and a new one is made, which begins where 'from' of each source says; sqlite3's " +
    '.recover may save what waited in the old one';
  return new QueueError(message, { cause });
}

/** The same error in words for an administrator. */
export function unusable(path: string, access: Access, error: unknown): QueueError {
  if (error instanceof QueueError) return error;
  if (isDamage(error)) return damaged(path, error);
  if (isForbidden(path, access)) return forbidden(path, access, error);
  const why = (error as Error).message;
  return new QueueError(
    `cannot open the queue ${path} (queue.path): ${why}; is its disk full, or not to be written?`,
    { cause: error },
  );
}

/** That this user may not read or change a queue, and who may. */
export function forbidden(path: string, access: Access, cause: unknown): QueueError {
  const { uid, gid } = statSync(dirname(path));
  const who =
    access === 'read'
      ? `a member of group ${groupName(gid)}`
      : `the agent's user (sudo -u ${userName(uid)} denywatch ...)`;
  return new QueueError(`may not ${access} the queue ${path}: run as root, or as ${who}`, {
    cause,
  });
}

/** Whether the file system keeps this user away. */
function isForbidden(path: string, access: Access): boolean {
  try {
    accessSync(dirname(path), access === 'read' ? constants.X_OK : constants.W_OK);
    if (existsSync(path)) accessSync(path, access === 'read' ? constants.R_OK : constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
