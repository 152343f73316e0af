/**
 * The texts in a TypeScript source that are sentences: string and template literals of several
 * words, with `…` for what a template fills in. Good enough for our own formatted source; it knows
 * comments, nested templates and regular expressions.
 */

/** A literal, and where it ends. */
interface Literal {
  text: string;
  end: number;
}

/** Adds a literal; what is joined to the one before by a plus is one text with it. */
function add(found: Literal[], source: string, start: number, end: number, text: string): void {
  const last = found.at(-1);
  const joined = last !== undefined && /^\s*\+\s*$/.test(source.slice(last.end, start));
  if (!joined) return void found.push({ text, end });
  last.text += text;
  last.end = end;
}

/** Reads a source from `from` to the brace that closes it (or its end), and gives its literals. */
function literals(source: string, from: number, found: Literal[]): number {
  let at = from;
  let depth = 0;
  /** A `/` here divides if the last token was a value, else it begins a regular expression. */
  let value = false;
  while (at < source.length) {
    const sign = source[at]!;
    const two = source.slice(at, at + 2);
    if (two === '//') at = after(source, '\n', at);
    else if (two === '/*') at = after(source, '*/', at);
    else if (sign === "'" || sign === '"') {
      const text = /(['"])((?:\\.|(?!\1).)*)\1/sy;
      text.lastIndex = at;
      const [whole = '', , inner = ''] = text.exec(source) ?? [];
      add(found, source, at, at + whole.length, unescaped(inner));
      at += whole.length;
      value = true;
    } else if (sign === '`') {
      at = template(source, at + 1, found);
      value = true;
    } else if (sign === '/' && !value) {
      const regex = /\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[\n])+\/\w*/y;
      regex.lastIndex = at;
      at += regex.exec(source)?.[0].length ?? 1;
      value = true;
    } else if (sign === '}' && depth-- === 0) return at + 1;
    else {
      if (sign === '{') depth++;
      if (!/\s/.test(sign)) value = /[\w$)\]}]/.test(sign);
      at++;
    }
  }
  return at;
}

function template(source: string, from: number, found: Literal[]): number {
  let text = '';
  let at = from;
  while (source[at] !== '`') {
    if (source.startsWith('${', at)) {
      at = literals(source, at + 2, found);
      text += '…';
    } else {
      const size = source[at] === '\\' ? 2 : 1;
      text += source.slice(at, at + size);
      at += size;
    }
  }
  add(found, source, from - 1, at + 1, unescaped(text));
  return at + 1;
}

function after(source: string, sign: string, from: number): number {
  const at = source.indexOf(sign, from);
  return at === -1 ? source.length : at + sign.length;
}

function unescaped(text: string): string {
  return text.replace(/\\n/g, '\n').replace(/\\(['"`\\$])/g, '$1');
}

/** SQL, usage and identifiers do not belong in a list of messages. */
const OTHERS =
  /\b(?:SELECT|INSERT|UPDATE|DELETE|WHERE|CREATE|PRAGMA|CASE|AND|AS)\b|^[Uu]sage|^--\w+=/;

/** The sentences of a source: its texts of three words or more, in their order. */
export function sentencesOf(source: string): string[] {
  const found: Literal[] = [];
  literals(source, 0, found);
  return found
    .map(({ text }) => text.replace(/…+/g, '…').replace(/\s+/g, ' ').trim())
    .filter((text) => wordsOf(text) >= 3 && !OTHERS.test(text));
}

function wordsOf(text: string): number {
  return text.split(' ').filter((word) => /[a-z]/i.test(word)).length;
}
