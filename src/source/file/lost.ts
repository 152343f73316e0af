/** What is known to be lost of a stream's files, in words for an administrator. */
import type { Segment } from './segment.ts';

const KEEP = 'have logrotate keep some (rotate 4)';

/** What is lost of a file that was not found after a restart. */
export function lostOf({ isDone, size, offset, name }: Segment, wasCurrent: boolean): string[] {
  if (isDone || size === 0) return [];
  const gone = `${name} was read up to byte ${offset} and is gone, and no rotated copy of it was found`;
  if (size > offset)
    return [`${gone}: at least ${size - offset} bytes of it were not read; ${KEEP}`];
  return wasCurrent ? [`${gone}: what was written to it after that was not read; ${KEEP}`] : [];
}

/** What is known to be lost of a file that was truncated and of which no copy is left. */
export function lostByTruncation({ name, size, offset, state }: Segment): string | null {
  if (state !== 'orphaned' || size <= offset) return null;
  return `${name} was truncated, and at least ${size - offset} bytes of it were not read; have logrotate rename it (no copytruncate)`;
}
