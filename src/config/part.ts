/** Reads some entries of a configuration file, whatever is wrong with the others. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { Checker, type Problem } from './checker.ts';
import { ConfigError } from './error.ts';
import { Section } from './section.ts';
import { quietSurroundings, type Surroundings } from './surroundings.ts';
import { reasonOf } from '../text/reason.ts';

/** Entries of a configuration file that are read alone. */
export class Part {
  readonly section: Section;
  /** Warnings belong to the whole configuration, credentials to the service. */
  readonly around: Surroundings;
  readonly #broken: Problem | undefined;
  /** Why the file cannot be read. */
  readonly cause: unknown;

  /**
   * @param keys of the entries
   * @throws ConfigError if there is no such file, unless it may be missing
   */
  constructor(path: string, keys: readonly string[], { mayBeMissing = false } = {}) {
    const { text, why } = textOf(path);
    if (why !== undefined && !mayBeMissing && isMissing(why.cause)) throw why;
    const lines = new LineCounter();
    const options = { lineCounter: lines, logLevel: 'silent', prettyErrors: false } as const;
    const document = parseDocument(text, options);
    const checker = new Checker(document, lines);
    this.section = new Section(checker, checker.root(), keys);
    this.around = quietSurroundings(dirname(path), process.env);
    this.cause = why?.cause;
    this.#broken = why?.problems[0] ?? syntaxError(document, lines);
  }

  /**
   * What is wrong with some of the entries, as far as they were read; with the file itself, if an
   * entry may be missing or cut because of it.
   */
  mistakes(keys: readonly string[]): Problem[] {
    const { problems } = this.section.checker;
    const own = problems.filter(({ key }) => keys.includes(key.split('.', 1)[0]!));
    // What is wrong with the rest may be because of it.
    return this.#broken === undefined ? own : [this.#broken];
  }
}

/** What is wrong with the syntax of a document; undefined if nothing is. */
export function syntaxError(document: Document, lines: LineCounter): Problem | undefined {
  // Errors after the first syntax error are nearly always caused by it.
  const [first] = document.errors;
  if (first === undefined) return undefined;
  const { message, linePos, pos } = first;
  return {
    key: '',
    line: linePos?.[0].line ?? lines.linePos(pos[0]).line,
    // The text after a colon is part of the file: it may be part of a password.
    message: `not YAML: ${message.replace(/:.*$/s, '')}; correct this first, the rest is not checked`,
  };
}

/** The error that a file cannot be read. */
export function unreadable(path: string, error: unknown): ConfigError {
  const advice = 'name another one with --config PATH, or run denywatch init to write one';
  const missing = ['there is no such file', advice].join('; ');
  const message = isMissing(error) ? missing : reasonOf(error);
  return new ConfigError(path, [{ key: '', line: null, message }], { cause: error });
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** A file that cannot be read counts as empty. */
function textOf(path: string): { readonly text: string; readonly why?: ConfigError } {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { text: '', why: unreadable(path, error) };
  }
}
