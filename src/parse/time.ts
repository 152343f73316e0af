/**
 * The time at the start of a log line. Two rules fill in what a form leaves out: a time without a
 * zone is in this machine's zone, and a time without a year is in the year that puts it nearest to
 * now, but never more than a day in the future (a clock may be ahead, a log is not).
 */

/** A time that was read. */
export interface Stamp {
  /** Milliseconds since 1970, or null where the form tells no date (time since boot). */
  readonly at: number | null;
  /** Where in the line what follows the time begins. */
  readonly end: number;
}

const DAY = 86_400_000;
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** `Nov 22 21:56:43`, also with a year before the time (Cisco) and with a fraction (journalctl). */
const TRADITIONAL =
  /([A-Z][a-z]{2}) {1,3}(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?:? +/y;
/** `Sun Nov 22 22:02:40 2026`, ctime(3), of programs that write files of their own. */
const CTIME = /[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4}) +/y;
/** `2026 Nov 22 22:17:06`, syslog-ng's ts-format(full). */
const FULL = /(\d{4}) ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? +/y;
/** RFC 3339 and its relatives: slashes, a blank for the T, a comma, a zone without a colon. */
const ISO =
  /(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)? +/y;
/** `Sun 2026-11-22 22:23:54 UTC`, journalctl -o short-full. */
const WEEKDAY =
  /[A-Z][a-z]{2} (\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? ([A-Z]{1,5}|[+-]\d\d(?::?\d\d)?) +/y;
const ZONE = /^([+-])(\d\d):?(\d\d)?$/;
/** `1795386238.643906`, journalctl -o short-unix. */
const UNIX = /(\d{9,11})(?:\.(\d{1,9}))? +/y;
/** `[ 4117.622359] `, journalctl -o short-monotonic, and short-delta with ` <    0.01 >` in it. */
const MONOTONIC = /\[ *\d{1,10}\.\d{6}(?: <[ \d.]{1,20}>)?\] +/y;

function at(form: RegExp, text: string, from: number): RegExpExecArray | null {
  form.lastIndex = from;
  return form.exec(text);
}

/** Reads the time at `from` in a line; null where there is none. `now` in ms since 1970. */
export function readTime(text: string, from: number, now: number): Stamp | null {
  const code = text.charCodeAt(from);
  // The forms are told apart by their first characters: a digit, a capital, a bracket.
  if (code === 0x5b) {
    return at(MONOTONIC, text, from) === null ? null : { at: null, end: MONOTONIC.lastIndex };
  }
  if (code >= 0x30 && code <= 0x39) return readDigits(text, from);
  if (code < 0x41 || code > 0x5a) return null;
  let m = at(TRADITIONAL, text, from);
  if (m !== null) {
    const year = m[3] === undefined ? null : Number(m[3]);
    const time = dated(year, m[1]!, m[2]!, m[4]!, m[5]!, m[6]!, m[7], now);
    return time === null ? null : { at: time, end: TRADITIONAL.lastIndex };
  }
  m = at(CTIME, text, from);
  if (m !== null) {
    const time = dated(Number(m[6]), m[1]!, m[2]!, m[3]!, m[4]!, m[5]!, undefined, now);
    return time === null ? null : { at: time, end: CTIME.lastIndex };
  }
  m = at(WEEKDAY, text, from);
  return m === null ? null : numeric(m, WEEKDAY.lastIndex);
}

function readDigits(text: string, from: number): Stamp | null {
  let m = at(ISO, text, from);
  if (m !== null) return numeric(m, ISO.lastIndex);
  m = at(UNIX, text, from);
  if (m !== null) return { at: Number(m[1]) * 1000 + millis(m[2]), end: UNIX.lastIndex };
  m = at(FULL, text, from);
  if (m === null) return null;
  const time = dated(Number(m[1]), m[2]!, m[3]!, m[4]!, m[5]!, m[6]!, m[7], 0);
  return time === null ? null : { at: time, end: FULL.lastIndex };
}

/** Reads a whole text as a time, as JSON records give it; null where it is none. */
export function parseTime(text: string, now: number): number | null {
  const stamp = readTime(`${text} `, 0, now);
  return stamp !== null && stamp.end > text.length ? stamp.at : null;
}

function millis(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000);
}

/** From year, month, day, hours, minutes, seconds, fraction, zone. */
function numeric(m: RegExpExecArray, end: number): Stamp | null {
  // One by one: making an array of them took a seventh of the time to read a denial.
  const [year, month, day] = [Number(m[1]), Number(m[2]), Number(m[3])];
  const [hour, minute, second] = [Number(m[4]), Number(m[5]), Number(m[6])];
  if (month < 1 || month > 12 || day < 1 || day > 31) return null;
  if (hour > 23 || minute > 59 || second > 60) return null;
  const offset = zone(m[8]);
  const time =
    offset === null
      ? new Date(year, month - 1, day, hour, minute, second).getTime()
      : Date.UTC(year, month - 1, day, hour, minute, second) - offset;
  return { at: time + millis(m[7]), end };
}

/** Offset of a zone in ms; null for none and for abbreviations other than UTC's: those are local. */
function zone(text: string | undefined): number | null {
  if (text === 'Z' || text === 'UTC' || text === 'GMT') return 0;
  const m = text === undefined ? null : ZONE.exec(text);
  if (m === null) return null;
  return (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 60 + Number(m[3] ?? 0)) * 60_000;
}

/** A time with a month's name, in this machine's zone, with the year inferred where it is null. */
function dated(
  year: number | null,
  monthName: string,
  dayText: string,
  hourText: string,
  minuteText: string,
  secondText: string,
  fraction: string | undefined,
  now: number,
): number | null {
  const second = Number(secondText);
  if (second > 60) return null;
  const key = `${year} ${monthName} ${dayText} ${hourText}:${minuteText} ${Math.floor(now / DAY)}`;
  if (key !== latest.key) {
    latest = { key, minute: startOfMinute(year, monthName, +dayText, +hourText, +minuteText, now) };
  }
  return latest.minute === null ? null : latest.minute + second * 1000 + millis(fraction);
}

/** The minute that was worked out last: lines of a log are of the same minute mostly. */
let latest: { key: string; minute: number | null } = { key: '', minute: null };

function startOfMinute(
  year: number | null,
  monthName: string,
  day: number,
  hour: number,
  minute: number,
  now: number,
): number | null {
  const month = MONTHS.indexOf(monthName) / 3;
  if (!Number.isInteger(month) || month < 0) return null;
  if (day < 1 || day > 31 || hour > 23 || minute > 59) return null;
  const last = year ?? new Date(now + DAY).getFullYear();
  // Eight years back find a leap day also over 2100.
  const first = year ?? last - 8;
  for (let y = last; y >= first; y--) {
    const date = new Date(y, month, day, hour, minute);
    if (date.getMonth() !== month) continue;
    const time = date.getTime();
    if (year !== null || time <= now + DAY) return time;
  }
  return null;
}
