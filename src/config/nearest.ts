/**
 * The word that was most likely meant by `word`: at most a third of it is wrong, or it is the
 * beginning of one word alone.
 */
export function nearest(word: string, words: readonly string[]): string | null {
  const scored = words.map((known) => ({
    known,
    cost: distance(word.toLowerCase(), known.toLowerCase()),
  }));
  const best = scored.toSorted((a, b) => a.cost - b.cost)[0];
  const most = Math.min(Math.max(1, word.length / 3), word.length - 1);
  if (best !== undefined && best.cost <= most) return best.known;
  const [begun, another] = words.filter((known) => known.startsWith(word.toLowerCase()));
  return word.length >= SHORTEST && another === undefined ? (begun ?? null) : null;
}

/** Fewer letters are no beginning of a word. */
const SHORTEST = 2;

/** `; did you mean 'critical'?`, or nothing. */
export function guessAt(word: string, words: readonly string[]): string {
  const guess = nearest(word, words);
  return guess === null ? '' : `; did you mean '${guess}'?`;
}

/**
 * Insertions, deletions, replacements, and exchanges of two neighbours (optimal string alignment).
 */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isExchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchange = isExchanged ? before[j - 2]! + 1 : Infinity;
      next.push(Math.min(replace, exchange, row[j]! + 1, next[j - 1]! + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
