/**
 * Patterns for names: `*` matches any characters, `?` one, case does not matter, and `ALL` matches
 * every name, as in hosts.allow. A pattern comes from the configuration, a name from anyone who
 * writes to the log. So only the last `*` is tried again: the cost is at most the length of the
 * name times that of the pattern, however many `*` there are.
 */

/** Returns a predicate: does the pattern match this whole name? */
export function namePattern(text: string): (name: string) => boolean {
  const pattern = text === 'ALL' ? '*' : text.toLowerCase();
  return (name) => isMatch(pattern, name.toLowerCase());
}

function isMatch(pattern: string, name: string): boolean {
  let [p, n] = [0, 0];
  // Where the last `*` is, and where in the name the text after it was last tried.
  let [star, from] = [-1, 0];
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      from = n;
    } else if (pattern[p] === '?' || pattern[p] === name[n]) {
      p++;
      n++;
    } else if (star !== -1) {
      p = star + 1;
      n = ++from;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
