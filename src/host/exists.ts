import { statSync } from 'node:fs';

/**
 * Whether there is a file, or may be one: Node's `existsSync` says no where this user may not enter
 * the directory.
 */
export function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
