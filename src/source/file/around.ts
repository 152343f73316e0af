/** Finds out cheaply whether files around a path were created, renamed or deleted. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A directory that changed less than this ago, ms, may change again without a new time stamp. The
 * kernel's clock for them moves every 4 to 10 ms, and some file systems store whole seconds.
 */
const SETTLED = { fine: 100, seconds: 3_000 };
const SECOND = 1000;

/**
 * A text that differs when the directories of a path, or of the file that it leads to, have
 * changed. Two calls soon after a change never return the same text.
 */
export function changesAround(path: string, target: string): string {
  const directories = [...new Set([dirname(path), dirname(target)])];
  return directories.map((directory) => changesIn(directory)).join('\n');
}

/** The same for one directory. @param now ms since 1970 */
export function changesIn(directory: string, now = Date.now()): string {
  return lookAtDirectory(directory, now).state;
}

/** A directory at a moment. */
export interface DirectoryLook {
  /** Which directory it is; '' where there is none. */
  readonly key: string;
  /** As `changesIn`. */
  readonly state: string;
}

/** @param now ms since 1970 */
export function lookAtDirectory(directory: string, now = Date.now()): DirectoryLook {
  try {
    const stat = statSync(directory, { throwIfNoEntry: false });
    if (stat?.isDirectory() !== true) return { key: '', state: 'missing' };
    const { dev, ino, birthtimeMs, ctimeMs } = stat;
    const key = `${dev} ${ino} ${birthtimeMs}`;
    const settled = ctimeMs % SECOND === 0 ? SETTLED.seconds : SETTLED.fine;
    const isSettled = now - ctimeMs >= settled;
    return { key, state: `${key} ${isSettled ? ctimeMs : performance.now()}` };
  } catch (error) {
    return { key: '', state: String((error as NodeJS.ErrnoException).code) };
  }
}
