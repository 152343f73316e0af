/**
 * Characters that do something other than being seen: control and format characters (escape
 * sequences, direction, zero width), private, unassigned and lone surrogate ones, line separators.
 */
export const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Text for a screen, a page or a log, with a `?` for each character that is not just seen. */
export function visible(text: string): string {
  return text.replace(UNSEEN, '?');
}

/** The same for a field of one line, in which the newlines of a longer text are shown as `\n`. */
export function visibleField(text: string): string {
  return visible(text.replaceAll('\n', String.raw`\n`));
}
