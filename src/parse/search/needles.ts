/** The texts of which a line that may report a refusal contains one. */
import { FORMATS } from '../formats.ts';

/** In lines that are not refusals themselves, but may contain one or repeat the one before. */
const OTHERS = ['repeated ', 'repeats ', '"MESSAGE":['];
/** What `cleanMessage` removes from the beginning of a message. */
const EDGES = [' ', '\t', '\v', '\f', '\r', '\0'];
/** Everything that a message may follow: a tag, RFC 5424's data, ASL's `[Message`, a quote. */
const BEFORE_MESSAGE = [
  ...[':', '-', ']', 'e', ...EDGES].flatMap((last) => EDGES.map((edge) => last + edge)),
  ']:',
  ']',
  '-',
  ':"',
  ' "',
  '\ufeff',
];
/** In lines about refusals that are in no log: see unseen.ts. */
export const UNSEEN: readonly string[] = [
  'tartups',
  ' rate-limiting',
  // The first seven bytes matter: with these they end in a pair that is rare in logs.
  ...BEFORE_MESSAGE.map((before) => `${before}Suppressed `),
];
export const NEWLINE = 10;

export interface Needle {
  readonly bytes: Buffer;
  /** What must be in the line too, by its index in BESIDE; null for nothing. */
  readonly beside: number | null;
}

/** Words that must be in a line too. */
export const BESIDE: readonly string[] = [
  ...new Set(FORMATS.map(({ beside }) => beside).filter((word) => word !== undefined)),
];
const alone = new Set([
  ...FORMATS.filter(({ beside }) => beside === undefined).flatMap(({ needles }) => needles),
  ...OTHERS,
  ...UNSEEN,
]);
/** Those that need nothing beside them are first, because they are tried in this order. */
export const NEEDLES: readonly Needle[] = [
  ...alone.values().map((needle) => ({ bytes: Buffer.from(needle), beside: null })),
  ...BESIDE.flatMap((word, beside) =>
    [...new Set(FORMATS.filter((format) => format.beside === word).flatMap((each) => each.needles))]
      .filter((needle) => !alone.has(needle))
      .map((needle) => ({ bytes: Buffer.from(needle), beside })),
  ),
];

/** A needle, and how far behind its beginning that is which was found of it. */
export interface Part extends Needle {
  readonly offset: number;
}

/** The lines that were found in a part of a block. */
export class FoundLines {
  /** Start and end of each line, one after the other. */
  readonly bounds: number[] = [];
  /** By the words beside needles: where the last line ends that was looked through in vain. */
  readonly #missing: number[] = BESIDE.map(() => 0);

  /**
   * Takes the line around a place if one of the needles is there.
   * @param parts the needles that have something at the place
   * @param bare which lines are known to have no word of BESIDE
   * @returns the line's end, or -1 where none of them is
   */
  take(
    bytes: Buffer,
    place: number,
    parts: readonly Part[],
    bare?: { has(place: number): boolean },
  ): number {
    for (const { bytes: needle, offset, beside } of parts) {
      const start = place - offset;
      if (!begins(bytes, start, needle)) continue;
      if (beside !== null && (start < this.#missing[beside]! || bare?.has(place) === true))
        continue;
      // For a line of the usual length a call of indexOf takes longer than this.
      let lineEnd = place;
      while (lineEnd < bytes.length && bytes[lineEnd] !== NEWLINE) lineEnd++;
      let lineStart = place;
      while (lineStart > 0 && bytes[lineStart - 1] !== NEWLINE) lineStart--;
      if (
        beside === null ||
        bytes.toString('latin1', lineStart, lineEnd).includes(BESIDE[beside]!)
      ) {
        this.bounds.push(lineStart, lineEnd);
        return lineEnd;
      }
      // Else a long line would be looked through again for each of its needles.
      this.#missing[beside] = lineEnd;
    }
    return -1;
  }

  /** Calls a function with each of them. */
  each(found: (start: number, end: number) => void): void {
    const { bounds } = this;
    for (let at = 0; at < bounds.length; at += 2) found(bounds[at]!, bounds[at + 1]!);
  }
}

/** Whether a needle is in `bytes` at `start`. */
export function begins(bytes: Buffer, start: number, needle: Buffer): boolean {
  let at = 0;
  while (at < needle.length && bytes[start + at] === needle[at]) at++;
  return at === needle.length;
}
