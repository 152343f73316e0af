/** JSON that is safe on a terminal. */
import { UNSEEN } from './unseen.ts';

/** A value as JSON without any character that a terminal would act on. */
export function safeJson(
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
): string {
  return escapeJson(JSON.stringify(value, replacer));
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
