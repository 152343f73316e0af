/** Finds out cheaply whether files around a path were created, renamed or deleted. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A directory that changed less than this ago, ms, may change again without a new time stamp. The
 * kernel's clock for them moves every 4 to 10 ms, and some file systems store whole seconds.
 */
const SETTLED = { fine: 100, seconds: 3_000 };
const SECOND = 1_000_000_000n;

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
  try {
    const stat = statSync(directory, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return 'missing';
    const { dev, ino, ctimeNs, ctimeMs } = stat;
    const settled = ctimeNs % SECOND === 0n ? SETTLED.seconds : SETTLED.fine;
    const isSettled = now - Number(ctimeMs) >= settled;
    return `${dev} ${ino} ${isSettled ? ctimeNs : performance.now()}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
