/**
 * Characters that do more than show a glyph: control and format characters (escape sequences,
 * direction, zero width), private, unassigned and lone surrogate ones, line separators.
 */
export const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Text for a screen, a page or a log, with a `?` in place of each such character. */
export function visible(text: string): string {
  return text.replace(UNSEEN, '?');
}

/** The same for a one-line field: newlines are shown as `\n`. */
export function visibleField(text: string): string {
  return visible(text.replaceAll('\n', String.raw`\n`));
}
