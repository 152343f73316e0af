/** What `explain` shows to people: each refusal, and at the end what was read and what was not. */
import type { Denial } from '../../parse/denial.ts';
import { output } from '../../result/output.ts';
import type { Where } from '../../parse/parser.ts';
import { countLines } from '../../parse/search.ts';
import { number, plural } from '../../text/amounts.ts';
import { cut, hasUnicode } from '../../text/layout.ts';
import { styled, type Line } from '../../text/terminal.ts';

export const TEMPLATE = 'Denied {daemon}-{client}';

/** Words in which a refusal would be told that no format reads. */
const WORDS =
  /[Rr]efus|REFUS|[Dd]enied|DENIED|[Rr]eject|REJECT|libwrap|[Ww]rappers|hosts[._](?:allow|deny|access)/g;
/** Those of them that speak of TCP wrappers: such lines come first. */
const WRAPPERS = /libwrap|wrappers|hosts[._](?:allow|deny|access)/i;
/** What tells two lines of one kind apart: numbers, addresses, what is in quotes. */
const PARTICULARS = /"[^"]*"|'[^']*'|\b(?=[\da-f.:]*\d)[\da-f.:]+\b/gi;
const HEADER = /^(?:<\d+>)?(?:\d{4}-\d\d-\d\dT\S+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) \S+ /;

/** Kinds of lines that are told apart, and that are shown; the rest is counted. */
const KINDS = 1000;
const SHOWN = 10;
/** Longest piece of a line that is looked at. */
const LONGEST = 500;
const WIDTH = 20;

/** Lines that look alike. */
interface Kind {
  /** The first one of them, and its number. */
  readonly text: string;
  readonly line: number;
  count: number;
}

export interface TextView {
  /** A refusal, as text. */
  denial(line: number, denial: Denial, where: Where, block: Buffer): Line[];
  /** One that was forged. */
  forged(line: number, denial: Denial, where: Where, block: Buffer, reason: string): Line[];
  /** Looks at the rest of a block, once its refusals were shown. `before`: lines before it. */
  rest(block: Buffer, before: number): void;
  /** What is said at the end. */
  summary(formats: readonly (readonly [name: string, count: number])[], lines: number): Line[];
}

export function createTextView(): TextView {
  /** Where the lines of the block begin that were shown. */
  const shown = new Set<number>();
  const kinds = new Map<string, Kind>();
  let missed = 0;

  function rest(block: Buffer, before: number): void {
    const text = block.toString('latin1');
    WORDS.lastIndex = 0;
    for (let hit = WORDS.exec(text); hit !== null; hit = WORDS.exec(text)) {
      const start = text.lastIndexOf('\n', hit.index) + 1;
      const newline = text.indexOf('\n', hit.index);
      const end = newline === -1 ? text.length : newline;
      WORDS.lastIndex = end;
      if (!shown.has(start)) miss(block, start, end, before);
    }
    shown.clear();
  }

  function miss(block: Buffer, start: number, end: number, before: number): void {
    missed++;
    const text = block.toString('utf8', start, Math.min(end, start + LONGEST));
    const kind = text.replace(HEADER, '').replace(PARTICULARS, '0');
    const known = kinds.get(kind);
    if (known !== undefined) known.count++;
    else if (kinds.size < KINDS)
      kinds.set(kind, { text, line: before + countLines(block, 0, start) + 1, count: 1 });
  }

  return {
    denial(line, denial, where, block) {
      shown.add(where.start);
      return asText(line, denial, where, block);
    },
    forged(line, denial, where, block, reason) {
      shown.add(where.start);
      const lines = asText(line, denial, where, block);
      return [...lines, ['  ', styled('yellow', `FORGED: ${reason}`)]];
    },
    rest,
    summary: (formats, lines) => [
      ...ofFormats(formats, lines),
      ...ofMissed([...kinds.values()], missed),
    ],
  };
}

function asText(line: number, denial: Denial, { start, end, dated }: Where, block: Buffer): Line[] {
  const { format, host, daemon, client, address, user, pid, program, count } = denial;
  const at = dated ? new Date(denial.at).toISOString() : null;
  const read = { at, host, daemon, client, address, user, pid, program };
  const fields = Object.entries(read).flatMap(([name, value], i) => [
    i === 0 ? '  ' : ' ',
    styled('dim', `${name}=`),
    value === null ? '-' : String(value),
  ]);
  return [
    [styled('bold', `line ${line}:`), ` ${block.toString('utf8', start, end)}`],
    ['  format ', styled('cyan', format), count === 1 ? '' : `, ${count} times`],
    fields,
    ['  output ', styled('bold', output(TEMPLATE, denial))],
  ];
}

function ofFormats(formats: Parameters<TextView['summary']>[0], lines: number): Line[] {
  const all = formats.reduce((sum, [, count]) => sum + count, 0);
  if (all === 0) return [[styled('bold', `No refusal in ${plural(lines, 'line')}.`)]];
  const most = Math.max(...formats.map(([, count]) => count));
  const longest = Math.max(...formats.map(([name]) => name.length));
  const sign = hasUnicode() ? '█' : '#';
  return [
    [styled('bold', `${plural(all, 'refusal')} in ${plural(lines, 'line')}, by format:`)],
    ...formats.map(([name, count]): Line => {
      const bar = sign.repeat(Math.ceil((count / most) * WIDTH));
      return [`  ${name.padEnd(longest)} ${number(count).padStart(9)} `, styled('cyan', bar)];
    }),
  ];
}

/** Lines that speak of TCP wrappers first, then the kind with most of them. */
function ofMissed(kinds: readonly Kind[], missed: number): Line[] {
  if (missed === 0) return [];
  const rank = ({ text }: Kind) => (WRAPPERS.test(text) ? 0 : 1);
  const best = kinds.toSorted((a, b) => rank(a) - rank(b) || b.count - a.count).slice(0, SHOWN);
  const width = process.stdout.isTTY ? process.stdout.columns : LONGEST;
  const rows = best.map(({ text, line, count }): Line => {
    const where = `  line ${line}${count === 1 ? '' : ` and ${number(count - 1)} alike`}: `;
    return [styled('yellow', where), cut(text, Math.max(20, width - where.length))];
  });
  const left = missed - best.reduce((sum, { count }) => sum + count, 0);
  return [
    [styled('bold', `${plural(missed, 'other line')} that no format reads, of something refused:`)],
    ...rows,
    ...(left === 0 ? [] : [`  and ${number(left)} more`]),
    'Most such lines are no refusal by TCP wrappers. If one is, its format is a',
    'line of a table: "A new log format" in CONTRIBUTING.md.',
  ];
}
