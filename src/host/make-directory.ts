import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Creates a directory, and those above it that are missing; whether the last one was missing. Node's
 * `recursive` tries for ever where the system denies a directory with ENOENT, as in /proc.
 * @throws the error of the file system
 */
export function makeDirectory(path: string, mode = 0o777): boolean {
  if (isDirectory(path)) return false;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent, mode);
  try {
    mkdirSync(path, mode);
    return true;
  } catch (error) {
    // Another process may have made it.
    if (isDirectory(path)) return false;
    throw error;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
