/** Our own text with foreign names in it, for a result, a log line or a page. */
import { safe } from './name.ts';

/** One line of text in which every name is safe to show. Only `line` makes one. */
export interface Line {
  readonly line: string;
}

/**
 * A template tag: the template's own text stays as it is, each name in it is made safe.
 *
 *     line`refused by ${daemon}`
 */
export function line(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | null | Line)[]
): Line {
  const shown = values.map((value) => {
    if (typeof value === 'number') return String(value);
    return value === null || typeof value === 'string' ? safe(value) : value.line;
  });
  return { line: parts.reduce((text, part, i) => text + (shown[i - 1] ?? '') + part) };
}

/** Joins lines into one, with a separator between them. */
export function joinLines(lines: readonly Line[], separator: string): Line {
  return { line: lines.map((one) => one.line).join(separator) };
}
