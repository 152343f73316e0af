/** Cuts blocks of whole lines from a file's bytes. */

const NEWLINE = 10;
const END = Buffer.from('\n');
const NOTHING = Buffer.alloc(0);

export interface Cut {
  /** Whole lines: the input's own bytes, copied only where a line was too long. */
  readonly lines: Buffer;
  /** How many bytes of the input are done; the rest must be passed again, with more. */
  readonly used: number;
  /** The beginning of a line that is too long and has not ended yet. */
  readonly kept: Buffer | null;
  /** How many lines were shortened. */
  readonly long: number;
}

/**
 * Cuts all whole lines from `data`, which begins at a line's start, or inside the long line whose
 * beginning is `kept`. A line longer than `maxLine` bytes is cut to them. NULs at the start of such
 * a line are not part of it: a writer that does not append leaves a hole of NULs when its file is
 * truncated, and the next line follows in the same "line".
 */
export function cutLines(data: Buffer, kept: Buffer | null, maxLine: number): Cut {
  const pieces: Buffer[] = [];
  let long = 0;
  let from = 0; // First byte that is not in pieces.
  if (kept !== null) {
    const end = data.indexOf(NEWLINE);
    if (end === -1) return { lines: NOTHING, used: data.length, kept, long };
    pieces.push(kept, END);
    long++;
    from = end + 1;
  }
  let line = from; // Start of the current line.
  while (line < data.length) {
    const near = data.lastIndexOf(NEWLINE, line + maxLine);
    if (near >= line) {
      line = near + 1;
      continue;
    }
    if (data.length - line <= maxLine) break;
    pieces.push(data.subarray(from, line));
    from = line;
    if (data[line] === 0) {
      while (line < data.length && data[line] === 0) line++;
      from = line;
      continue;
    }
    const end = data.indexOf(NEWLINE, line);
    if (end === -1) {
      if (line > 0) break;
      return {
        lines: NOTHING,
        used: data.length,
        kept: Buffer.from(data.subarray(0, maxLine)),
        long,
      };
    }
    pieces.push(data.subarray(line, line + maxLine), END);
    long++;
    from = line = end + 1;
  }
  const rest = data.subarray(from, line);
  return {
    lines: pieces.length === 0 ? rest : Buffer.concat([...pieces, rest]),
    used: line,
    kept: null,
    long,
  };
}
