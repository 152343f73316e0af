import { accessSync, constants, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { writePrivate } from '../../survey/private-file.ts';
import { reasonOf } from '../../text/reason.ts';

/** A file that is not there yet; it has a secret, or may get one. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** Why this user cannot create a file, before anything is asked or written; null if it may. */
export function whyNotCreate(path: string): string | null {
  const directory = dirname(path);
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    // One that is missing is created.
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? whyNotCreate(directory) : reasonOf(error);
  }
}

/**
 * Writes new files, all or none.
 * @throws Error if one exists already (EEXIST) or cannot be written
 */
export function writeAll(files: readonly NewFile[]): void {
  const written: string[] = [];
  try {
    for (const { path, text } of files) {
      writePrivate(path, text.endsWith('\n') ? text : `${text}\n`);
      written.push(path);
    }
  } catch (error) {
    for (const path of written) rmSync(path);
    throw error;
  }
}
