/** Writes a configuration, or a file with a secret, if there is none. */
import { chmodSync, chownSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectory } from '../host/make-directory.ts';
import { shellWord } from '../text/shell.ts';

/** The group of the agent's user; the package creates it. */
const GROUP = 'denywatch';

/**
 * Writes a file that has a password or may get one: whatever the umask, only its owner may write it
 * and only the agent's group may read it. The directory is created if there is none.
 * @throws Error if the file exists already (EEXIST) or cannot be written; nothing is left then
 */
export function writePrivate(path: string, text: string): void {
  const directory = dirname(path);
  if (makeDirectory(directory)) chmodSync(directory, 0o755);
  writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
  try {
    writeFileSync(path, text);
    const group = groupId();
    if (group !== null && process.getuid?.() === 0) chownSync(path, 0, group);
    chmodSync(path, 0o640);
  } catch (error) {
    rmSync(path);
    throw error;
  }
}

/** A command that makes such a file from what is typed. */
export function privateFileCommand(path: string): string {
  const group = groupId() === null ? '' : ` -g ${GROUP}`;
  return `install -m 640${group} /dev/stdin ${shellWord(path)}`;
}

/** Number of the agent's group, null if the machine has none. */
function groupId(): number | null {
  const groups = readFileSync('/etc/group', 'utf8');
  const [, id] = new RegExp(`^${GROUP}:[^:]*:(\\d+):`, 'm').exec(groups) ?? [];
  return id === undefined ? null : Number(id);
}
