/** Times in this machine's time zone, independent of the locale. */

export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

const two = (number: number) => String(number).padStart(2, '0');

/** Monday is 0. */
export function weekdayOf(ms: number): number {
  return (new Date(ms).getDay() + 6) % 7;
}

/** `Sun 22 Nov` */
export function dayText(ms: number): string {
  return `${WEEKDAYS[weekdayOf(ms)]} ${dateText(ms)}`;
}

/** `22 Nov` */
export function dateText(ms: number): string {
  const date = new Date(ms);
  return `${date.getDate()} ${MONTHS[date.getMonth()]}`;
}

/** From one day to another, `16 Nov – 22 Nov`, or a single day. */
export function datesText(first: number, last: number): string {
  const [from, to] = [dateText(first), dateText(last)];
  return from === to ? from : `${from} – ${to}`;
}

/** `21:15` */
export function clockText(ms: number): string {
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `22 Nov 2026, 21:15` */
export function timeText(ms: number): string {
  return `${dateText(ms)} ${new Date(ms).getFullYear()}, ${clockText(ms)}`;
}

/** The time zone of these times: `Europe/Berlin`. */
export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Midnight of the day `days` after that of a time; correct for days of 23 and 25 hours too. */
export function midnight(ms: number, days = 0): number {
  const date = new Date(ms);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}
