/**
 * A value as JSON in which nothing is left that a terminal would act on: JSON itself leaves some
 * control characters, and those that turn the direction of text, as they are.
 */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
