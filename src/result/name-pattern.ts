/**
 * Patterns for names: `*` stands for any characters, `?` for one, upper and lower case are one, and
 * `ALL` is every name, as hosts.allow has it. A pattern comes from the configuration, a name from
 * whoever writes to the log, so nothing is tried again but the last `*`: the cost is at most the
 * length of the name times that of the pattern, however many `*` there are.
 */

/** Returns the predicate: is the pattern for this whole name? */
export function namePattern(text: string): (name: string) => boolean {
  const pattern = text === 'ALL' ? '*' : text.toLowerCase();
  return (name) => isMatch(pattern, name.toLowerCase());
}

function isMatch(pattern: string, name: string): boolean {
  let [p, n] = [0, 0];
  // Where the last `*` is, and where in the name what is behind it was tried to begin.
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
