/** Text fitted to a width, and bars. */

/** Whether the locale allows more than ASCII on a terminal: the first variable set counts. */
export function hasUnicode(env: NodeJS.ProcessEnv = process.env): boolean {
  return /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
}

/** Text cut to a width, with a mark if it was cut. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}${CUT}`;
}

const CUT = '~';

/** A blank, but not the one between a number and its unit. */
const BREAK = / (?!(?<=\d )(?:ms|[smhd]|[KMGT]iB|bytes?)(?![\w-]))/;

/** Text in lines of a width, broken at blanks if possible. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(BREAK).flatMap((long) => pieces(long, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function pieces(word: string, width: number): string[] {
  const size = Math.max(1, width);
  const count = Math.max(1, Math.ceil(word.length / size));
  return Array.from({ length: count }, (_, i) => word.slice(i * size, (i + 1) * size));
}

const EIGHTHS = ' ▁▂▃▄▅▆▇█';

/**
 * Values as columns, each one character wide, as rows of text from the top. Every value above zero
 * is visible.
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
