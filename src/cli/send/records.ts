/** Reads check results as text, in the form that scripts pass to send_nsca. */

const ETB = '\u0017';

/**
 * Host, service (empty for a host check), state and output of each record; [] if it is not valid.
 * send_nsca 2.10 separates records by ETB alone. If there is no ETB, the format of older versions
 * is tried too: one record on each line.
 * @param delimiters characters each of which separates fields, or one of them as a number (`0x09`)
 */
export function readRecords(input: string, delimiters: string): string[][] {
  const fields = fieldsBetween(
    delimiters.replace(/^0x[\da-f]{1,2}$/i, (code) => String.fromCharCode(Number(code))),
  );
  const records = partsOf(input, ETB);
  const lines = partsOf(input, '\n');
  const isOneALine = !input.includes(ETB) && lines.every((line) => fields(line) !== null);
  return (isOneALine ? lines : records).map((record) => fields(record) ?? []);
}

/** Splits a record into its fields; null if it has too few. */
type Fields = (record: string) => string[] | null;

/** Splits as send_nsca does: any number of delimiters between two fields, but one before OUTPUT. */
function fieldsBetween(delimiters: string): Fields {
  const set = RegExp.escape(delimiters);
  const [some, field] = [`[${set}]+`, `([^${set}]+)`];
  const form = new RegExp(
    `^[${set}]*${field}${some}${field}${some}${field}(?:[${set}](.*))?$`,
    'su',
  );
  return (record) => {
    const [, host = '', second = '', third = '', output] = form.exec(record) ?? [];
    if (host === '') return null;
    return output === undefined ? [host, '', second, third] : [host, second, third, output];
  };
}

function partsOf(input: string, separator: string): string[] {
  return input
    .split(separator)
    .map(withoutLineEnds)
    .filter((part) => part !== '');
}

/** Not with a regular expression and `$`, which is quadratic in a run of line ends. */
function withoutLineEnds(text: string): string {
  const isEnd = (at: number) => text[at] === '\n' || text[at] === '\r';
  let start = 0;
  let end = text.length;
  while (start < end && isEnd(start)) start++;
  while (end > start && isEnd(end - 1)) end--;
  return text.slice(start, end);
}
