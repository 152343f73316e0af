/** Finds out cheaply whether files around a path were created, renamed or deleted. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A directory that changed less than this ago, ms, may change again without a new time stamp. */
const TICK = 50;

/**
 * A text that differs when the directories of a path, or of the file that it leads to, have
 * changed. Two calls soon after a change never return the same text.
 */
export function changesAround(path: string, target: string): string {
  return [...new Set([dirname(path), dirname(target)])].map(changesIn).join('\n');
}

/** The same for one directory. */
export function changesIn(directory: string): string {
  try {
    const stat = statSync(directory, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return 'missing';
    const isLate = Date.now() - Number(stat.mtimeNs / 1_000_000n) >= TICK;
    return `${stat.dev} ${stat.ino} ${isLate ? stat.mtimeNs : performance.now()}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
