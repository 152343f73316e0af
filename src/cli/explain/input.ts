/** What `explain` reads: files, the standard input, or lines given as arguments. */
import { existsSync } from 'node:fs';
import { blocks, type Progress } from '../../parse/blocks.ts';
import { complain } from '../../text/terminal.ts';

/**
 * An argument with a blank in it that is no file's name is a line of a log.
 * @param onError called with an error that names the file, for each that cannot be read
 */
export async function* inputs(
  given: readonly string[],
  progress: Progress | null,
  onError: (error: Error) => void,
): AsyncGenerator<Buffer> {
  for (const one of given) {
    if (one === '-' && process.stdin.isTTY) complain('reading from the terminal: Ctrl-D ends');
    if (/\s/.test(one) && !existsSync(one)) yield Buffer.from(`${one}\n`);
    else {
      try {
        yield* blocks([one], progress);
      } catch (error) {
        onError(error as Error);
      }
    }
  }
}
