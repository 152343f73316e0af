/**
 * Writes the verbs' output to stdout and stderr. All text is cleaned here, whatever it contains and
 * wherever it came from; colours are passed beside the text and never in it.
 */
import { styleText } from 'node:util';
import { safeJson } from './json.ts';
import { visible, visibleField } from './unseen.ts';
import { wrap } from './layout.ts';
import { reasonOf } from './reason.ts';

export type Style = Parameters<typeof styleText>[0];

/** Text in a style. */
export interface Styled {
  readonly style: Style;
  readonly text: string;
}

/** A line of a screen, without its newline. */
export type Line = string | readonly (string | Styled)[];

/** Text in a style, as a part of a line. */
export function styled(style: Style, text: string): Styled {
  return { style, text };
}

/** The lines of a text, with or without a newline at its end. */
export function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

let output: NodeJS.WriteStream | undefined;

/** What a shell shows of a program that SIGPIPE ended, which Node ignores. */
const CUT_OFF = 141;

/**
 * The standard output, opened when something is written: a verb that writes nothing does not load
 * Node's streams.
 */
export function standardOutput(): NodeJS.WriteStream {
  return (output ??= process.stdout.on('error', endUnwritten));
}

/**
 * Ends the process because its output cannot be written. If the reader has seen enough (head, less),
 * it ends in silence, as other programs do; the status is never one of success, because what was not
 * written may have been a problem.
 */
export function endUnwritten(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(CUT_OFF);
  complain(`denywatch: cannot write the output: ${reasonOf(error)}`);
  process.exit(1);
}

let errors: NodeJS.WriteStream | undefined;

/** The standard error. If nothing can be written there, nobody can be informed of it. */
function standardError(): NodeJS.WriteStream {
  return (errors ??= process.stderr.on('error', () => {}));
}

/** A line for a terminal: cleaned, and in colour if the stream supports it. */
export function rendered(line: Line, stream: NodeJS.WritableStream = standardOutput()): string {
  if (typeof line === 'string') return visible(line);
  return line
    .map((part) =>
      typeof part === 'string'
        ? visible(part)
        : styleText(part.style, visible(part.text), { stream }),
    )
    .join('');
}

/** The columns of the terminal; 80 where it does not know them, like a serial console. */
export function screenWidth(): number {
  return process.stdout.columns || 80;
}

/** Writes lines to stdout. */
export function print(...lines: readonly Line[]): void {
  standardOutput().write(lines.map((line) => `${rendered(line)}\n`).join(''));
}

/** Writes a text that may be long; on a terminal it is wrapped to its width. */
export function printText(text: string): void {
  print(...(process.stdout.isTTY ? wrap(text, screenWidth()) : [text]));
}

/** Writes fields to stdout as one line, separated by tabs: for scripts. */
export function printFields(fields: readonly string[]): void {
  standardOutput().write(`${fields.map(visibleField).join('\t')}\n`);
}

/** Writes a value to stdout as one line of JSON. */
export function printJson(
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
): void {
  standardOutput().write(`${safeJson(value, replacer)}\n`);
}

/** Writes lines about errors or progress to stderr. */
export function complain(...lines: readonly string[]): void {
  standardError().write(lines.map((line) => `${visible(line)}\n`).join(''));
}
