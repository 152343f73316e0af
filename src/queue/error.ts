/** Errors of a queue file. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { groupName, userName } from '../host/account.ts';
import { reasonWithPath } from '../text/reason.ts';

/** SQLite's primary result codes. */
export const SQLITE = { busy: 5, ioerr: 10, corrupt: 11, protocol: 15, notADb: 26 } as const;

/** How a queue is to be used. */
export type Access = 'read' | 'change';

/** The queue file cannot be used. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
}

/** The file is of an older version: the agent updates it when it starts. */
export class OldQueueError extends QueueError {}

/** SQLite's primary result code of an error; NaN if it is not an SQLite error. */
export function codeOf(error: unknown): number {
  const code = (error as { errcode?: number }).errcode;
  return code === undefined ? NaN : code & 0xff;
}

/** Whether another process, or a lock that could not be released, blocks access to the file. */
export function isLockTrouble(error: unknown): boolean {
  const code = codeOf(error);
  return code === SQLITE.busy || code === SQLITE.protocol;
}

/** Whether SQLite finds that the file is not a database, or is damaged. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  return code === SQLITE.corrupt || code === SQLITE.notADb;
}

/** Leaves the decision to an administrator: denywatch never changes or removes a damaged file. */
export function damaged(path: string, cause: unknown): QueueError {
  const message =
    `the queue ${path} (queue.path) is damaged: ${(cause as Error).message}. Move it away with its ` +
    "-wal file; a new one is then created, and reading begins where 'from' of each source says. " +
    "sqlite3's .recover may save what waited in the old one";
  return new QueueError(message, { cause });
}

/** The same for an error of SQLite while an open queue is used; any other error stays as it is. */
export function whileUsed(path: string, access: Access, error: unknown): unknown {
  return Number.isNaN(codeOf(error)) ? error : unusable(path, access, error);
}

/** The same error with a message for an administrator. */
export function unusable(path: string, access: Access, error: unknown): QueueError {
  if (error instanceof QueueError) return error;
  if (isDamage(error)) return damaged(path, error);
  if (isForbidden(path, access)) return forbidden(path, access, error);
  const why = reasonWithPath(error, path);
  if (isLockTrouble(error))
    return new QueueError(`another process does not release the queue ${path}: ${why}; try again`, {
      cause: error,
    });
  return new QueueError(
    `cannot open the queue ${path} (queue.path): ${why}; is its disk full or read-only?`,
    { cause: error },
  );
}

/** The error that this user may not read or change a queue, with who may. */
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

/** Whether the file system denies this user access. */
export function isForbidden(path: string, access: Access): boolean {
  try {
    accessSync(dirname(path), access === 'read' ? constants.X_OK : constants.W_OK);
    if (existsSync(path)) accessSync(path, access === 'read' ? constants.R_OK : constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
