/** The word that was most likely meant by `word`: at most a third of it is wrong. */
export function nearest(word: string, words: readonly string[]): string | null {
  const scored = words.map((known) => ({
    known,
    cost: distance(word.toLowerCase(), known.toLowerCase()),
  }));
  const best = scored.toSorted((a, b) => a.cost - b.cost)[0];
  return best !== undefined && best.cost <= Math.max(1, word.length / 3) ? best.known : null;
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
