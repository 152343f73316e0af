/** Check results as text, in the form that scripts give to send_nsca. */

const ETB = '\u0017';

/**
 * Host, service (empty for a host check), state and output of each record; one that is none is [].
 * send_nsca 2.10 parts records by ETB alone; where there is none, older ones' way is tried too, a
 * record a line.
 * @param delimiters characters each of which parts fields, or one of them by its number (`0x09`)
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

/** What takes the fields of a record out of it; null where it has too few. */
type Fields = (record: string) => string[] | null;

/** Fields as send_nsca reads them: any number of delimiters part two, but all is output after one. */
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

/** Not by an expression for `$`: it would look at a run of line ends once from each of them. */
function withoutLineEnds(text: string): string {
  const isEnd = (at: number) => text[at] === '\n' || text[at] === '\r';
  let start = 0;
  let end = text.length;
  while (start < end && isEnd(start)) start++;
  while (end > start && isEnd(end - 1)) end--;
  return text.slice(start, end);
}
