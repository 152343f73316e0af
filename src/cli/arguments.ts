/** Reads a verb's arguments, and says what is wrong with them so that it can be corrected at once. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { guessAt } from '../config/nearest.ts';

/** Wrong usage that only a verb can notice. The message is for whoever typed the arguments. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Parsed<T extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: T; allowPositionals: true }>
>;

/**
 * Options and other arguments of a verb, in any order.
 * @param most how many other arguments there may be
 * @throws UsageError, or an error of parseArgs: `mistakeIn` knows both
 */
export function readArguments<const T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
  most = 0,
): Parsed<T> {
  const parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  for (const [name, value] of Object.entries(parsed.values))
    if (value === '' && options[name]?.default !== '')
      throw new UsageError(`'--${name}' needs a value`);
  const extra = parsed.positionals[most];
  if (extra !== undefined)
    throw new UsageError(
      `unexpected argument '${extra}'${most === 0 ? '' : '; text with blanks needs quotes'}`,
    );
  return parsed;
}

/**
 * Options, and neighbouring arguments that may be any text, even `--help`: as many as `names`. If
 * they could begin at several places, the last one counts: behind the options they are safe,
 * whatever others have put in them. In front of options they are understood as well.
 * @param fits whether arguments can be these
 * @throws as readArguments
 */
export function readData<const T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
  { names, fits }: { names: readonly string[]; fits: (data: readonly string[]) => boolean },
): Parsed<T> {
  for (let at = args.length - names.length; at >= 0; at--) {
    const end = at + names.length;
    const data = args.slice(at, end);
    const [before, after] = [args.slice(0, at), args.slice(end)];
    if (!fits(data) || !areOptions(before, options) || !areOptions(after, options)) continue;
    return { ...readArguments([...before, ...after], options), positionals: data };
  }
  return readArguments(args, options, names.length);
}

function areOptions(args: readonly string[], options: ParseArgsOptionsConfig): boolean {
  try {
    parseArgs({ args: [...args], options });
    return true;
  } catch {
    return false;
  }
}

/** What the errors of parseArgs mean, by their code. */
const MEANINGS: Readonly<Record<string, (text: string, known: readonly string[]) => string>> = {
  ERR_PARSE_ARGS_UNKNOWN_OPTION: (text, known) => {
    const option = quotedIn(text);
    return `unknown option '${option}'${guessAt(option, known)}`;
  },
  ERR_PARSE_ARGS_INVALID_OPTION_VALUE: (text) => {
    // `Option '-d, --delimiter <value>' argument missing`
    const option = /(--[\w-]+)/.exec(text)?.[0] ?? '';
    if (text.includes('not take')) return `'${option}' takes no value`;
    return `'${option}' needs a value; one that begins with a dash is written ${option}=-VALUE`;
  },
};

/** The mistake in the arguments that this error is about; null for any other error. */
export function mistakeIn(
  error: Error & { readonly code?: string },
  options: ParseArgsOptionsConfig,
): string | null {
  if (error instanceof UsageError) return error.message;
  const meaning = MEANINGS[error.code ?? ''];
  const known = [...Object.keys(options), 'help'].map((name) => `--${name}`);
  return meaning === undefined ? null : meaning(error.message, known);
}

/** Whether the arguments ask for help among other options. */
export function asksForHelp(error: Error & { readonly code?: string }): boolean {
  return (
    error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' &&
    ['--help', '-h'].includes(quotedIn(error.message))
  );
}

/** The argument between the first two quotes; it may have quotes of its own. */
function quotedIn(text: string): string {
  return /'(.*?)'(?:\.? |$)/s.exec(text)?.[1] ?? '';
}
