/** The period of a report, as it is asked for. */
import { duration } from '../config/units.ts';

const DAY = /^\d{4}-\d\d-\d\d$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * A time: so long before now (`7d`, `12h`), or a day (`2026-11-22`, its midnight) or a time
 * (`2026-11-22T21:15`) of this machine's time zone. ms since 1970; null for anything else.
 */
export function readTime(text: string, now: number): number | null {
  const ago = duration(text);
  if (ago !== null) return now - ago;
  // A date alone is UTC to JavaScript, one with a time is local.
  const time = DAY.test(text) ? `${text}T00:00` : text.replace(' ', 'T');
  const date = new Date(TIME.test(time) ? time : '');
  return Number.isNaN(date.getTime()) ? null : date.getTime();
}
