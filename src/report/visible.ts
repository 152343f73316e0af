/** Control, format (direction, zero width), private and unassigned characters, line separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text with every character that does something other than being seen shown by its number. Names
 * in the history are clean already; a page does not rely on it.
 */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => {
    const code = character.codePointAt(0)!.toString(16).toUpperCase();
    return `‹U+${code.padStart(4, '0')}›`;
  });
}
