/** JSON that is safe on a terminal. */
import { UNSEEN } from './unseen.ts';

/** A value as JSON without any character that a terminal would act on. */
export function safeJson(
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
): string {
  return escapeJson(JSON.stringify(value, replacer));
}

/** What JSON or `safeJson` may escape. */
const ESCAPED = /[^ !#-[\]-~]/;

/** A text or null as `safeJson` makes it, in a fraction of the time where nothing is to be escaped. */
export function jsonText(text: string | null): string {
  if (text === null) return 'null';
  return ESCAPED.test(text) ? safeJson(text) : `"${text}"`;
}

/**
 * Escapes the characters that JSON leaves as they are: some control characters, and those that
 * change the direction of text. The value stays the same. The JSON must be one line.
 */
export function escapeJson(json: string): string {
  return json.replace(UNSEEN, (sign) =>
    Array.from(
      { length: sign.length },
      (_, i) => `\\u${sign.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

const MINUTE = 60_000;
/** How the seconds of a time are written, and its milliseconds. */
const SECONDS = Array.from({ length: 60 }, (_, s) => String(s).padStart(2, '0'));
const MILLISECONDS = Array.from({ length: 1000 }, (_, ms) => String(ms).padStart(3, '0'));
/** The minute of the time that was written last, minutes since 1970, and how it is written. */
let latest = { minute: Number.NaN, text: '' };

/** A time, ms since 1970, as JSON has a Date. */
export function jsonTime(at: number): string {
  const minute = Math.floor(at / MINUTE);
  if (minute !== latest.minute) {
    const text = new Date(minute * MINUTE).toISOString().slice(0, -'00.000Z'.length);
    latest = { minute, text };
  }
  const ms = Math.floor(at) - minute * MINUTE;
  return `"${latest.text}${SECONDS[Math.floor(ms / 1000)]}.${MILLISECONDS[ms % 1000]}Z"`;
}
