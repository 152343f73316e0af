/** The saved position of a journal. Version 1, also where the version is missing. */
import type { Position } from '../source.ts';

const VERSION = 1;

/** The position to save. @param cursor of the last entry that was read */
export function journalPosition(cursor: string): Position {
  return { version: VERSION, cursor };
}

/** Parses a saved position; null where it is not one of ours, or of a newer version. */
export function asJournalPosition(position: Position): { readonly cursor: string } | null {
  const { version = VERSION, cursor } = position;
  return version === VERSION && typeof cursor === 'string' ? { cursor } : null;
}
