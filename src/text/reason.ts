/** Errors of the system in plain words, without Node's code, call and quotes. */
import { constants } from 'node:os';
import { getSystemErrorMessage } from 'node:util';

/** What is needed of an error; one that a log has written as JSON has it too. */
export interface Failed {
  readonly message: string;
  readonly errno?: number | undefined;
  readonly syscall?: string | undefined;
  readonly path?: string | undefined;
}

/** Errors that libuv does not know, or describes in other words than other programs do. */
const WORDS: Readonly<Record<number, string>> = {
  [constants.errno.EISDIR]: 'is a directory',
  [constants.errno.EDQUOT]: 'disk quota exceeded',
  [constants.errno.ESTALE]: 'stale file handle',
};

/**
 * Why something failed, for a text that names the file: `permission denied`, where Node says
 * `EACCES: permission denied, open '/x'`. An error that is not the system's keeps its own message.
 */
export function reasonOf(error: unknown): string {
  const { message, errno, syscall } = asFailed(error);
  // Others have an `errno` too: zlib's is a code of its own.
  if (errno === undefined || errno >= 0 || syscall === undefined) return message;
  return WORDS[-errno] ?? getSystemErrorMessage(errno);
}

/** The same for a text that may not name the file: `/x: permission denied`, unless it does. */
export function reasonWithPath(error: unknown, text = ''): string {
  const { path, syscall } = asFailed(error);
  const reason = reasonOf(error);
  const isKnown = path === undefined || syscall === undefined || text.includes(path);
  return isKnown ? reason : `${path}: ${reason}`;
}

function asFailed(error: unknown): Failed {
  const isObject = typeof error === 'object' && error !== null && 'message' in error;
  return isObject ? (error as Failed) : { message: String(error) };
}
