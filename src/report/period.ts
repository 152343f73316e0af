/** Reads the period of a report. */
import { duration } from '../config/units.ts';

const DAY = /^\d{4}-\d\d-\d\d$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * A time: how long ago (`7d`, `12h`), or a day (`2026-11-22`, its midnight) or a time
 * (`2026-11-22T21:15`) in this machine's time zone. ms since 1970; null for anything else.
 */
export function readTime(text: string, now: number): number | null {
  const ago = duration(text);
  if (ago !== null) return now - ago;
  // JavaScript reads a date alone as UTC, and one with a time as local time.
  const time = DAY.test(text) ? `${text}T00:00` : text.replace(' ', 'T');
  const date = new Date(TIME.test(time) && isDay(time.slice(0, 10)) ? time : '');
  return Number.isNaN(date.getTime()) ? null : date.getTime();
}

/** Whether a day exists. JavaScript reads 2026-02-31 as 3 March. */
function isDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1, day)).toISOString().startsWith(text);
}
