/**
 * The time at the start of a log line. What a form leaves out is filled in: a time without a year
 * gets the year that puts it nearest to now, but never more than a day in the future (a clock may
 * be ahead, a log is not); a time without a zone is in the zone of its log.
 */
import { fixedOffset, Zone } from '../text/zone.ts';

/** A time that was read. */
export interface Stamp {
  /** Milliseconds since 1970, or null where the form has no date (time since boot). */
  readonly at: number | null;
  /** Where in the line the text after the time begins. */
  readonly end: number;
}

/** What fills in the parts that a time leaves out. */
export interface Dating {
  /** ms since 1970 */
  readonly now: number;
  /** The zone of times that name none. */
  readonly zone: Zone;
  /** An hour that occurs twice means the first one, unless that is before this, ms since 1970. */
  readonly after: number;
}

/** The default dating of a log: in this machine's zone. */
export function datingBy(now: number): Dating {
  return { now, zone: Zone.local, after: -Infinity };
}

/** A date as written. */
interface Day {
  /** Null where it is left out. */
  readonly year: number | null;
  /** From 0; a fraction or negative where it is invalid. */
  readonly month: number;
  readonly day: number;
}

const DAY = 86_400_000;
const MINUTE = 60_000;
const BLANK = 0x20;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const COLON = 0x3a;
const T = 0x54;
const Z = 0x5a;
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** `Nov 22 21:56:43`, also with a year before the time (Cisco) or a fraction (journalctl). */
const TRADITIONAL =
  /([A-Z][a-z]{2}) {1,3}(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?:? +/y;
/**
 * `Sun Nov 22 22:02:40 2026`, ctime(3), in programs' own log files; apt-cacher-ng's ends in `|`,
 * and old apcupsd's has a zone in it.
 */
const CTIME =
  /[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (?:([A-Z]{1,5}) )?(\d{4})(?: +|\|)/y;
/** `2026 Nov 22 22:17:06`, syslog-ng's ts-format(full). */
const FULL = /(\d{4}) ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? +/y;
/** `26/11/22@21:56:43: `, xinetd's own file: year, month and day may have one digit. */
const XINETD = /(\d{1,4})\/(\d{1,2})\/(\d{1,2})@(\d\d):(\d\d):(\d\d): /y;
/** `Sun 2026-11-22 22:23:54 UTC`, journalctl -o short-full. */
const WEEKDAY =
  /[A-Z][a-z]{2} (\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? ([A-Z]{1,5}|[+-]\d\d(?::?\d\d)?) +/y;
/** `1795386238.643906`, journalctl -o short-unix; in mosquitto's file a colon follows. */
const UNIX = /(\d{9,11})(?:\.(\d{1,9}))?:? +/y;
/** `[ 4117.622359] `, journalctl -o short-monotonic, and short-delta with ` <    0.01 >` in it. */
const MONOTONIC = /\[ *\d{1,10}\.\d{6}(?: <[ \d.]{1,20}>)?\] +/y;

function match(form: RegExp, text: string, from: number): RegExpExecArray | null {
  form.lastIndex = from;
  return form.exec(text);
}

/** Parses the time at `from` in a line; null where there is none. */
export function readTime(text: string, from: number, dating: Dating): Stamp | null {
  const code = text.charCodeAt(from);
  // The first character distinguishes the forms: a digit, a capital, a bracket.
  if (code === 0x5b) {
    return match(MONOTONIC, text, from) === null ? null : { at: null, end: MONOTONIC.lastIndex };
  }
  if (code >= 0x30 && code <= 0x39) return readDigits(text, from, dating);
  if (code < 0x41 || code > 0x5a) return null;
  let m = match(TRADITIONAL, text, from);
  if (m !== null) {
    const year = m[3] === undefined ? null : Number(m[3]);
    const day = { year, month: monthOf(m[1]!), day: Number(m[2]) };
    return stamp(day, clock(m[4]!, m[5]!, m[6]!, m[7]), dating, TRADITIONAL.lastIndex);
  }
  m = match(CTIME, text, from);
  if (m !== null) {
    const day = { year: Number(m[7]), month: monthOf(m[1]!), day: Number(m[2]) };
    const time = clock(m[3]!, m[4]!, m[5]!, undefined);
    return stamp(day, time, zoned(dating, m[6]), CTIME.lastIndex);
  }
  m = match(WEEKDAY, text, from);
  return m === null ? null : numeric(m, dating, WEEKDAY.lastIndex);
}

function readDigits(text: string, from: number, dating: Dating): Stamp | null {
  const iso = readIso(text, from, dating);
  if (iso !== undefined) return iso;
  let m = match(UNIX, text, from);
  if (m !== null) return { at: Number(m[1]) * 1000 + millis(m[2]), end: UNIX.lastIndex };
  m = match(FULL, text, from);
  if (m !== null) {
    const day = { year: Number(m[1]), month: monthOf(m[2]!), day: Number(m[3]) };
    return stamp(day, clock(m[4]!, m[5]!, m[6]!, m[7]), dating, FULL.lastIndex);
  }
  m = match(XINETD, text, from);
  if (m === null) return null;
  const day = { year: 2000 + (Number(m[1]) % 1000), month: Number(m[2]) - 1, day: Number(m[3]) };
  return stamp(day, clock(m[4]!, m[5]!, m[6]!, undefined), dating, XINETD.lastIndex);
}

/**
 * RFC 3339 and its variants: slashes or dots, a blank for the T, a comma, a zone without a colon or
 * after a blank, a colon at the end. Nearly every log has it, and a regular expression would make a
 * dozen strings of each time.
 * @returns undefined where it has another form, null where no clock shows it
 */
function readIso(text: string, from: number, dating: Dating): Stamp | null | undefined {
  if (!hasSigns(text, from)) return undefined;
  const year = 100 * two(text, from) + two(text, from + 2);
  const [month, day] = [two(text, from + 5), two(text, from + 8)];
  const [hour, minute, second] = [two(text, from + 11), two(text, from + 14), two(text, from + 17)];
  const zoneStart = fractionEnd(text, from + SECONDS);
  const zoneStop = zoneEnd(text, zoneStart);
  // What looks like a zone may belong to the text after the time.
  const endOfZoned = blanksEnd(text, zoneStop);
  const end = endOfZoned === -1 ? blanksEnd(text, zoneStart) : endOfZoned;
  const valid = year + month + day + hour + minute + second;
  if (end === -1 || Number.isNaN(valid)) return undefined;
  if (hour > 23 || minute > 59 || second > 60 || month < 1 || month > 12) return null;
  const midnight = midnightOf(year, month - 1, day);
  if (midnight === null) return null;
  const time = (hour * 60 + minute) * MINUTE + second * 1000;
  const fraction = zoneStart === from + SECONDS ? 0 : thousandths(text, from + SECONDS + 1);
  const nameStart = text.charCodeAt(zoneStart) === BLANK ? zoneStart + 1 : zoneStart;
  const isZoned = endOfZoned !== -1 && zoneStop > zoneStart;
  const zone = (isZoned ? zoneNamed(text.slice(nameStart, zoneStop)) : null) ?? dating.zone;
  return { at: reading(midnight + time + fraction, zone, dating.after), end };
}

/** Where the seconds of `2026-11-22T21:56:43` end. */
const SECONDS = 19;

function hasSigns(text: string, from: number): boolean {
  const between = text.charCodeAt(from + 10);
  return (
    isDateSign(text.charCodeAt(from + 4)) &&
    isDateSign(text.charCodeAt(from + 7)) &&
    (between === T || between === BLANK) &&
    text.charCodeAt(from + 13) === COLON &&
    text.charCodeAt(from + 16) === COLON
  );
}

function isDateSign(code: number): boolean {
  return code === MINUS || code === SLASH || code === DOT;
}

/** Two digits as a number; NaN for anything else. */
function two(text: string, at: number): number {
  return isDigit(text, at) && isDigit(text, at + 1)
    ? 10 * (text.charCodeAt(at) - ZERO) + text.charCodeAt(at + 1) - ZERO
    : Number.NaN;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= ZERO && code <= ZERO + 9;
}

/** Where a fraction of up to nine digits ends; `at` where there is none. */
function fractionEnd(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if ((sign !== DOT && sign !== COMMA) || !isDigit(text, at + 1)) return at;
  let end = at + 2;
  while (end <= at + 9 && isDigit(text, end)) end++;
  return end;
}

/** The first three digits of a fraction, whether or not there are so many. */
function thousandths(text: string, at: number): number {
  let [sum, unit] = [0, 100];
  for (let i = at; unit >= 1 && isDigit(text, i); i++, unit /= 10)
    sum += unit * (text.charCodeAt(i) - ZERO);
  return sum;
}

/** Where `Z`, `+01`, `+0100` or `+01:00` ends, also after a blank; `at` where there is none. */
function zoneEnd(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === Z) return at + 1;
  const start = code === BLANK ? at + 1 : at;
  const sign = text.charCodeAt(start);
  if ((sign !== PLUS && sign !== MINUS) || Number.isNaN(two(text, start + 1))) return at;
  const hours = start + 3;
  const minutes = text.charCodeAt(hours) === COLON ? hours + 1 : hours;
  return Number.isNaN(two(text, minutes)) ? hours : minutes + 2;
}

/** Where the blanks after a time end, of which there is one at least; -1 where there is none. */
function blanksEnd(text: string, at: number): number {
  const start = text.charCodeAt(at) === COLON ? at + 1 : at;
  let end = start;
  while (text.charCodeAt(end) === BLANK) end++;
  return end === start ? -1 : end;
}

/** Parses a whole text as a time, as in JSON records; null where it is not a time. */
export function parseTime(text: string, dating: Dating): number | null {
  const read = readTime(`${text} `, 0, dating);
  return read !== null && read.end > text.length ? read.at : null;
}

/** From year, month, day, hours, minutes, seconds, fraction, zone. */
function numeric(m: RegExpExecArray, dating: Dating, end: number): Stamp | null {
  const day = { year: Number(m[1]), month: Number(m[2]) - 1, day: Number(m[3]) };
  return stamp(day, clock(m[4]!, m[5]!, m[6]!, m[7]), zoned(dating, m[8]?.trimStart()), end);
}

/**
 * A line's own zone takes precedence over that of its log; the only known abbreviations are UTC's.
 */
function zoned(dating: Dating, name: string | undefined): Dating {
  const zone = name === undefined ? null : zoneNamed(name);
  return zone === null ? dating : { now: dating.now, zone, after: dating.after };
}

function zoneNamed(name: string): Zone | null {
  if (named?.name !== name) named = { name, zone: zoneOf(name) };
  return named.zone;
}

/** The zone that was named last: nearly always that of the next line. */
let named: { readonly name: string; readonly zone: Zone | null } | null = null;

function zoneOf(name: string): Zone | null {
  const offset = name === 'Z' || name === 'UTC' || name === 'GMT' ? 0 : fixedOffset(name);
  return offset === null ? null : Zone.fixed(offset);
}

function monthOf(name: string): number {
  return MONTHS.indexOf(name) / 3;
}

/** Milliseconds since midnight; NaN for a time that no clock shows. */
function clock(hour: string, minute: string, second: string, fraction: string | undefined): number {
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  if (h > 23 || m > 59 || s > 60) return Number.NaN;
  return (h * 60 + m) * MINUTE + s * 1000 + millis(fraction);
}

function millis(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000);
}

/** @param time since midnight, ms */
function stamp(day: Day, time: number, dating: Dating, end: number): Stamp | null {
  const at = Number.isNaN(time) ? null : toTime(day, time, dating);
  return at === null ? null : { at, end };
}

function toTime({ year, month, day }: Day, time: number, dating: Dating): number | null {
  if (!Number.isInteger(month) || month < 0 || month > 11) return null;
  if (year !== null) {
    const midnight = midnightOf(year, month, day);
    return midnight === null ? null : reading(midnight + time, dating.zone, dating.after);
  }
  const latest = dating.now + DAY;
  const last = new Date(latest + DAY).getUTCFullYear();
  // Eight years back find a leap day also over 2100.
  for (let y = last; y >= last - 8; y--) {
    const midnight = midnightOf(y, month, day);
    if (midnight === null || midnight > latest + DAY) continue;
    const at = reading(midnight + time, dating.zone, dating.after);
    if (at <= latest) return at;
  }
  return null;
}

/** When a day begins in universal time, ms since 1970; null where the month has no such day. */
function midnightOf(year: number, month: number, day: number): number | null {
  if (asked.year !== year || asked.month !== month || asked.day !== day) {
    const at = Date.UTC(year, month, day);
    asked = { year, month, day, midnight: new Date(at).getUTCDate() === day ? at : null };
  }
  return asked.midnight;
}

/** The day that was asked for last: the lines of a log are of the same day mostly. */
let asked = { year: 1970, month: 0, day: 1, midnight: 0 as number | null };

/** The right one of the two meanings of an hour that occurs twice. */
function reading(shown: number, zone: Zone, after: number): number {
  const second = shown % MINUTE;
  const minutes = zone.readings(shown - second);
  const first = minutes[0]!;
  return second + (first + second >= after ? first : minutes.at(-1)!);
}
