import { rmSync } from 'node:fs';
import { writePrivate } from '../../survey/private-file.ts';

/** A file that is not there yet; it has a secret, or may get one. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
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
