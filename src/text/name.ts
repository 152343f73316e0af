/** Longest name that is shown: what libwrap keeps of one. */
const LONGEST = 127;
const CUT = '...';
const UNSAFE = /[^A-Za-z0-9._:%@+,/=#[\]-]/gu;

/**
 * A name from the network, safe to show in a result, a log or a page. Kept is what names, addresses
 * and ident users are made of; every other character becomes `_`: control characters and blanks,
 * what Nagios, NSCA, a shell, HTML or a terminal would read as more than text (`| ; $ & < > ' " \`
 * and the like), and all that is not ASCII, because other alphabets have letters that look alike or
 * turn the direction of the text. Longer names are cut to 127 characters that end in `...`; null
 * and the empty name give `unknown`.
 */
export function safe(text: string | null): string {
  if (text === null || text === '') return 'unknown';
  // Cut first (one character in the text can be two units long), so that cost is bounded too.
  const name = text.slice(0, 2 * LONGEST + 2).replace(UNSAFE, '_');
  return name.length <= LONGEST ? name : name.slice(0, LONGEST - CUT.length) + CUT;
}
