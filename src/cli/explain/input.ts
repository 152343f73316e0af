/** What `explain` reads: files, the standard input, or lines given as arguments. */
import { existsSync } from 'node:fs';
import { blocks, type Progress } from '../../parse/blocks.ts';
import { complain } from '../../text/terminal.ts';

/** An argument with a blank in it that is no file's name is a line of a log. Throws as `blocks`. */
export async function* inputs(
  given: readonly string[],
  progress: Progress | null,
): AsyncGenerator<Buffer> {
  for (const one of given) {
    if (one === '-' && process.stdin.isTTY) complain('reading from the terminal: Ctrl-D ends');
    if (/\s/.test(one) && !existsSync(one)) yield Buffer.from(`${one}\n`);
    else yield* blocks([one], progress);
  }
}
