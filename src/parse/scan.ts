/**
 * Finds the lines that may tell of a refusal, in one pass over raw bytes. All others, nearly all of
 * a log, are never decoded, split or copied.
 *
 * The search is Wu and Manber's: the last two bytes of a window tell how far it can move on before
 * any needle could begin in it, so that about one byte in five is looked at.
 */
import { FORMATS } from './formats.ts';

/** Lines that are no refusal by themselves but may count or hold one. */
const OTHERS = ['message repeated ', 'suppressed by', '"MESSAGE":['];
const NEEDLES = [...new Set([...FORMATS.flatMap((format) => format.needles), ...OTHERS])];
const NEWLINE = 10;

const needles = NEEDLES.map((needle) => Buffer.from(needle));
const WINDOW = Math.min(...needles.map((needle) => needle.length));
/** By the last two bytes of a window: how far no needle can end its own window; 0: one may. */
const shifts = new Uint8Array(65_536).fill(WINDOW - 1);
/** The needles whose window ends in these two bytes. */
const ending = new Map<number, Buffer[]>();
for (const needle of needles) {
  for (let at = 1; at < WINDOW; at++) {
    const pair = needle[at - 1]! | (needle[at]! << 8);
    shifts[pair] = Math.min(shifts[pair]!, WINDOW - 1 - at);
    if (at === WINDOW - 1) ending.set(pair, [...(ending.get(pair) ?? []), needle]);
  }
}

/**
 * Calls `found` with the bounds of each line (without its newline) that holds a needle, in order.
 * @param bytes whole lines; the last one may lack its newline
 */
export function scan(bytes: Buffer, found: (start: number, end: number) => void): void {
  const length = bytes.length;
  let at = WINDOW - 1;
  while (at < length) {
    const pair = bytes[at - 1]! | (bytes[at]! << 8);
    const shift = shifts[pair]!;
    if (shift !== 0) {
      at += shift;
    } else if (begins(bytes, at - WINDOW + 1, pair)) {
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline === -1 ? length : newline;
      found(bytes.lastIndexOf(NEWLINE, at) + 1, end);
      at = end + WINDOW;
    } else {
      at++;
    }
  }
}

function begins(bytes: Buffer, start: number, pair: number): boolean {
  for (const needle of ending.get(pair)!) {
    let at = 0;
    while (at < needle.length && bytes[start + at] === needle[at]) at++;
    if (at === needle.length) return true;
  }
  return false;
}
