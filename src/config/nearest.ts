/** The word that was most likely meant by `word`: at most a third of it is wrong. */
export function nearest(word: string, words: readonly string[]): string | null {
  const scored = words.map((known) => ({
    known,
    cost: distance(word.toLowerCase(), known.toLowerCase()),
  }));
  const best = scored.toSorted((a, b) => a.cost - b.cost)[0];
  return best !== undefined && best.cost <= Math.max(1, word.length / 3) ? best.known : null;
}

/** Levenshtein distance: insertions, deletions and replacements. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
