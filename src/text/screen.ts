/** What screens for people are made of: text that is safe to show, measures, bars. */
import { styleText } from 'node:util';

/** Text of others, with nothing in it that a terminal would act on. */
export function visible(text: string): string {
  return text.replace(/[\p{C}\u2028\u2029]/gu, '?');
}

/** Whether the locale lets a terminal show more than ASCII: the first of these that is set counts. */
export function hasUnicode(env: NodeJS.ProcessEnv = process.env): boolean {
  return /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
}

/** `12 s`, `5 min`, `3 h`, `4 days`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** `512 bytes`, `64 KiB`, `2.1 MiB`. */
export function bytes(count: number): string {
  if (count < 1024) return count === 1 ? '1 byte' : `${count} bytes`;
  const power = Math.min(4, Math.floor(Math.log2(count) / 10));
  const value = count / 1024 ** power;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${['KiB', 'MiB', 'GiB', 'TiB'][power - 1]}`;
}

/** `1,234,567` */
export function number(value: number): string {
  return value.toLocaleString('en');
}

/** `1 line`, `1,234 lines` */
export function plural(count: number, word: string): string {
  return `${number(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** Text that is cut to a width, with a sign that it was. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}${CUT}`;
}

const CUT = '~';

/** Text in lines of a width, broken at blanks where there are any. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((long) => pieces(long, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function pieces(word: string, width: number): string[] {
  return word.length <= width
    ? [word]
    : [word.slice(0, width), ...pieces(word.slice(width), width)];
}

/** What was found, one thing a line; on a terminal in colour, and in lines that fit. */
export function findingText(kind: 'ok' | 'note' | 'problem', text: string): string {
  const colour = { ok: 'green', note: 'yellow', problem: 'red' } as const;
  const word = styleText(colour[kind], kind.padEnd(8));
  const { isTTY, columns: width } = process.stdout;
  const lines = isTTY ? wrap(visible(text), width - 8) : [visible(text)];
  return `${word}${lines.join(`\n${' '.repeat(8)}`)}\n`;
}

const EIGHTHS = ' ▁▂▃▄▅▆▇█';

/**
 * Values as columns, each one character wide, as rows of text from the top. What is not zero can be
 * seen.
 * @param most the value of a full column
 */
export function columns(
  values: readonly number[],
  most: number,
  height: number,
  unicode: boolean,
): string[] {
  const steps = unicode ? 8 : 1;
  const signs = unicode ? EIGHTHS : ' #';
  const filled = values.map((value) => Math.ceil((value / Math.max(1, most)) * height * steps));
  return Array.from({ length: height }, (_, row) => {
    const below = (height - 1 - row) * steps;
    return filled.map((count) => signs[Math.min(steps, Math.max(0, count - below))]).join('');
  });
}
