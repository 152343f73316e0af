/** JSON that is safe on a terminal. */
import { UNSEEN } from './unseen.ts';

/** Text that is in JSON as it is, between quotes. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A value as JSON without any character that a terminal would act on. */
export function safeJson(
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
): string {
  return escapeJson(JSON.stringify(value, replacer));
}

/** The same for a text or null, faster for one of usual characters. */
export function safeJsonText(text: string | null): string {
  if (text === null) return 'null';
  return PLAIN.test(text) ? `"${text}"` : safeJson(text);
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
