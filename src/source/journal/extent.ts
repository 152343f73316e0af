/** Where a block of records is in relation to a saved position. */
import type { Place } from '../kind.ts';
import type { Lines, Position } from '../source.ts';
import { asJournalPosition } from './position.ts';
import { bootOf, cursorOf, cursorTime, monotonicTime } from './records.ts';

const NEWLINE = 0x0a;

/** How many bytes of a block are records up to a place. */
export function recordsBefore(
  { bytes, position }: Lines,
  _previous: Position | undefined,
  { position: saved, less }: Place,
): number {
  const place = asJournalPosition(saved)?.cursor;
  // A first block with records begins where the journal did.
  if (place === undefined || less > 0) return 0;
  const last = asJournalPosition(position)?.cursor;
  if (last !== undefined && !isAfter(last, place)) return bytes.length;
  for (let start = 0, end; start < bytes.length; start = end) {
    end = bytes.indexOf(NEWLINE, start) + 1 || bytes.length;
    const cursor = cursorOf(bytes.subarray(start, end));
    if (cursor !== undefined && isAfter(cursor, place)) return start;
  }
  return bytes.length;
}

/** Whether an entry came later than another: the clock may have been set between the two. */
function isAfter(cursor: string, place: string): boolean {
  return bootOf(cursor) === bootOf(place)
    ? monotonicTime(cursor) > monotonicTime(place)
    : cursorTime(cursor) > cursorTime(place);
}
