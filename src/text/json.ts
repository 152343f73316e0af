/** JSON on a screen. */
import { UNSEEN } from './unseen.ts';

/** A value as JSON in which nothing is left that a terminal would act on. */
export function safeJson(
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
): string {
  return escapeJson(JSON.stringify(value, replacer));
}

/**
 * JSON, which leaves some control characters and those that turn the direction of text as they are,
 * with these escaped too: the value stays the same. It must be JSON of one line.
 */
export function escapeJson(json: string): string {
  return json.replace(UNSEEN, (sign) =>
    Array.from(
      { length: sign.length },
      (_, i) => `\\u${sign.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
