/** Longest name that is shown: libwrap keeps no more. */
const LONGEST = 127;
const CUT = '...';
const SAFE = /^[A-Za-z0-9._:%@+,/=#[\]-]{1,127}$/;
const UNSAFE = /[^A-Za-z0-9._:%@+,/=#[\]-]/gu;

/**
 * A name from the network, safe to show in a result, a log or a page. It keeps the characters of
 * names, addresses and ident users; every other character becomes `_`: control characters, blanks,
 * those with a meaning to Nagios, NSCA, a shell, HTML or a terminal (`| ; $ & < > ' " \` and the
 * like), and all that are not ASCII, because other alphabets have letters that look alike or change
 * the direction of the text. Longer names are cut to 127 characters that end in `...`; null and the
 * empty name become `unknown`.
 */
export function safe(text: string | null): string {
  if (text === null || text === '') return 'unknown';
  // Nearly all are; a replacement that finds nothing takes longer.
  if (SAFE.test(text)) return text;
  // Cut first (a character may be two units long), so that the cost is bounded too.
  const name = text.slice(0, 2 * LONGEST + 2).replace(UNSAFE, '_');
  return name.length <= LONGEST ? name : name.slice(0, LONGEST - CUT.length) + CUT;
}
