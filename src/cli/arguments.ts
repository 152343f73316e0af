/** What is wrong with a verb's arguments, told so that it can be corrected at once. */
import type { ParseArgsOptionsConfig } from 'node:util';
import { guessAt } from '../config/nearest.ts';

/** What the errors of parseArgs mean, by their code. */
const MEANINGS: Readonly<Record<string, (text: string, known: readonly string[]) => string>> = {
  ERR_PARSE_ARGS_UNKNOWN_OPTION: (text, known) => {
    const option = quotedIn(text);
    return `no option '${option}'${guessAt(option, known)}`;
  },
  ERR_PARSE_ARGS_INVALID_OPTION_VALUE: (text) => {
    const option = /(--[\w-]+|-\w)/.exec(text)?.[0] ?? '';
    if (text.includes('not take')) return `'${option}' takes no value`;
    return `'${option}' needs a value; one that begins with a dash is written ${option}=-VALUE`;
  },
  ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL: (text) => `unexpected argument '${quotedIn(text)}'`,
};

/** The mistake in the arguments that parseArgs refused; null for any other error. */
export function mistakeIn(
  error: Error & { readonly code?: string },
  options: ParseArgsOptionsConfig,
): string | null {
  const meaning = MEANINGS[error.code ?? ''];
  const known = [...Object.keys(options), 'help'].map((name) => `--${name}`);
  return meaning === undefined ? null : meaning(error.message, known);
}

/** The argument between the first two quotes; it may have quotes of its own. */
function quotedIn(text: string): string {
  return /'(.*?)'(?:\.? |$)/s.exec(text)?.[1] ?? '';
}
