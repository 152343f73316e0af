/** Whose the queue's files are. */
import { closeSync, fchownSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes an empty file that belongs to whom its directory belongs, where root would make one of its
 * own: `denywatch send` in a root's script must not lock out the agent, which is started later as
 * another user. SQLite gives the files beside it the same owner.
 * @throws what the file system says
 */
export function makeForOwner(path: string): void {
  if (process.getuid?.() !== 0 || path === ':memory:') return;
  const { uid, gid } = statSync(dirname(path));
  try {
    const file = openSync(path, 'wx', 0o640);
    fchownSync(file, uid, gid);
    closeSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
