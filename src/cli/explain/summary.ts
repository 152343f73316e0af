/** What `explain` shows to people: each refusal, and at the end which lines were read or not. */
import { documentPath } from '../../host/documents.ts';
import type { Denial } from '../../parse/denial.ts';
import type { Unseen, UnseenReason } from '../../parse/unseen.ts';
import { output } from '../../result/output.ts';
import type { Where } from '../../parse/parser.ts';
import { countLines } from '../../parse/search.ts';
import { number, plural } from '../../text/amounts.ts';
import { cut, hasUnicode } from '../../text/layout.ts';
import { screenWidth, styled, type Line } from '../../text/terminal.ts';

export const TEMPLATE = 'Denied {daemon}-{client}';

/** Words of a refusal that no format reads. */
const WORDS =
  /[Rr]efus|REFUS|[Dd]enied|DENIED|[Rr]eject|REJECT|libwrap|[Ww]rappers|hosts[._](?:allow|deny|access)/g;
/** Those of them that mention TCP wrappers: such lines come first. */
const WRAPPERS = /libwrap|wrappers|hosts[._](?:allow|deny|access)/i;
/** What differs between two lines of one kind: numbers, addresses, quoted text. */
const PARTICULARS = /"[^"]*"|'[^']*'|\b(?=[\da-f.:]*\d)[\da-f.:]+\b/gi;
const HEADER = /^(?:<\d+>)?(?:\d{4}-\d\d-\d\dT\S+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) \S+ /;

/** Most kinds of lines that are distinguished, and that are shown; the rest are counted. */
const KINDS = 1000;
const SHOWN = 10;
/** Longest part of a line that is examined. */
const LONGEST = 500;
const WIDTH = 20;

/** How many refusals a format has read. */
type FormatCount = readonly [name: string, count: number];

/** Lines that look alike. */
interface Kind {
  /** The first of them, and its number. */
  readonly text: string;
  readonly line: number;
  count: number;
}

/** A line in a block of lines. */
interface ShownLine {
  /** Counted from 1, across all input. */
  readonly line: number;
  readonly where: Where;
  readonly block: Buffer;
}

/** A refusal in a block of lines. */
export interface Shown extends ShownLine {
  readonly denial: Denial;
}

/** What is in no log: why, in words, and what is counted. */
const UNSEEN: Readonly<
  Record<UnseenReason, { readonly of: 'connections' | 'messages'; readonly why: string }>
> = {
  'max-startups': {
    of: 'connections',
    why: 'that sshd dropped before it asked hosts.deny (MaxStartups)',
  },
  'journald-rate-limit': { of: 'messages', why: 'that journald suppressed (RateLimitBurst)' },
  'rsyslog-rate-limit': { of: 'messages', why: 'that rsyslogd discarded (ratelimit.burst)' },
};

/** What a line counts of what is in no log. */
export function unitOf({ why }: Unseen): 'connections' | 'messages' {
  return UNSEEN[why].of;
}

/** Collects what `explain` shows while it reads: refusals at once, the rest in a summary. */
export class TextView {
  /** Where the lines of the block begin that were shown. */
  readonly #shown = new Set<number>();
  readonly #kinds = new Map<string, Kind>();
  #missed = 0;

  denial(shown: Shown): Line[] {
    this.#shown.add(shown.where.start);
    return asText(shown);
  }

  /** A line that reports what is in no log. */
  unseen({ line, where, block }: ShownLine, { why, count, program }: Unseen): Line[] {
    this.#shown.add(where.start);
    const what = UNSEEN[why];
    const whose = what.of === 'messages' && program !== null ? ` of ${program}` : '';
    const unit = what.of.slice(0, -1);
    return [
      firstLine(line, where, block),
      [
        '  ',
        styled('yellow', `IN NO LOG: at least ${plural(count, unit)}${whose}`),
        ` ${what.why}`,
      ],
    ];
  }

  /** A refusal that was forged. */
  forged(shown: Shown, reason: string): Line[] {
    return [...this.denial(shown), ['  ', styled('yellow', `FORGED: ${reason}`)]];
  }

  /**
   * Examines the rest of a block after its refusals were shown.
   * @param before number of lines before it
   */
  rest(block: Buffer, before: number): void {
    const text = block.toString('latin1');
    WORDS.lastIndex = 0;
    for (let hit = WORDS.exec(text); hit !== null; hit = WORDS.exec(text)) {
      const start = text.lastIndexOf('\n', hit.index) + 1;
      const newline = text.indexOf('\n', hit.index);
      const end = newline === -1 ? text.length : newline;
      WORDS.lastIndex = end;
      if (this.#shown.has(start)) continue;
      this.#missed++;
      const line = () => before + countLines(block, 0, start) + 1;
      this.#count(block.toString('utf8', start, Math.min(end, start + LONGEST)), line);
    }
    this.#shown.clear();
  }

  summary(formats: readonly FormatCount[], lines: number): Line[] {
    return [...ofFormats(formats, lines), ...ofMissed([...this.#kinds.values()], this.#missed)];
  }

  #count(text: string, line: () => number): void {
    const kind = text.replace(HEADER, '').replace(PARTICULARS, '0');
    const known = this.#kinds.get(kind);
    if (known !== undefined) known.count++;
    else if (this.#kinds.size < KINDS) this.#kinds.set(kind, { text, line: line(), count: 1 });
  }
}

function firstLine(line: number, { start, end }: Where, block: Buffer): Line {
  return [styled('bold', `line ${line}:`), ` ${block.toString('utf8', start, end)}`];
}

function asText({ line, denial, where, block }: Shown): Line[] {
  const { dated } = where;
  const { format, host, daemon, client, address, user, pid, program, count } = denial;
  const at = dated ? new Date(denial.at).toISOString() : null;
  const read = { at, host, daemon, client, address, user, pid, program };
  const fields = Object.entries(read).flatMap(([name, value], i) => [
    i === 0 ? '  ' : ' ',
    styled('dim', `${name}=`),
    value === null ? '-' : String(value),
  ]);
  return [
    firstLine(line, where, block),
    ['  format ', styled('cyan', format), count === 1 ? '' : `, ${count} times`],
    fields,
    ['  output ', styled('bold', output(TEMPLATE, denial))],
  ];
}

function ofFormats(formats: readonly FormatCount[], lines: number): Line[] {
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

/** Lines that mention TCP wrappers first, then the most frequent kind. */
function ofMissed(kinds: readonly Kind[], missed: number): Line[] {
  if (missed === 0) return [];
  const rank = ({ text }: Kind) => (WRAPPERS.test(text) ? 0 : 1);
  const best = kinds.toSorted((a, b) => rank(a) - rank(b) || b.count - a.count).slice(0, SHOWN);
  const width = process.stdout.isTTY ? screenWidth() : LONGEST;
  const rows = best.map(({ text, line, count }): Line => {
    const where = `  line ${line}${count === 1 ? '' : ` and ${number(count - 1)} alike`}: `;
    return [styled('yellow', where), cut(text, Math.max(20, width - where.length))];
  });
  const left = missed - best.reduce((sum, { count }) => sum + count, 0);
  return [
    [
      styled(
        'bold',
        `No format reads ${plural(missed, 'line')} that may be ${missed === 1 ? 'a refusal' : 'refusals'}:`,
      ),
    ],
    ...rows,
    ...(left === 0 ? [] : [`  and ${number(left)} more`]),
    'Most such lines are not refusals by TCP wrappers. If one is, add its format to a',
    `table: see "A new log format" in ${documentPath('contributing')}.`,
  ];
}
