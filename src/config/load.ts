/** Finding and reading the configuration file, through `conf`. */
import { existsSync, readFileSync } from 'node:fs';
import { isSea } from 'node:sea';
import { basename, dirname, extname, resolve } from 'node:path';
import Conf from 'conf';
import { LineCounter, parseDocument } from 'yaml';
import { Checker, type Problem } from './checker.ts';
import { ConfigError } from './error.ts';
import { warnIfOpen } from './secret.ts';
import type { Surroundings } from './surroundings.ts';

const INSTALLED = '/etc/denywatch/denywatch.yaml';

/**
 * Where the configuration is looked for if none is named: the system's, or in a checkout the one
 * there.
 */
export const PLACES = isSea() ? [INSTALLED] : [INSTALLED, resolve('etc/denywatch.yaml')];

const EMPTY = 'is empty: denywatch init --stdout shows what to begin with';

/** A configuration that was read: its path, its values, and warnings about it. */
export interface Loaded<Config> {
  readonly path: string;
  readonly config: Config;
  readonly warnings: readonly string[];
  /** Other files that it names and that were read with it. */
  readonly files: readonly string[];
}

/** The configuration file to use: the one named, or the first of the usual places that exists. */
export function configPath(named: string | undefined): string {
  return resolve(named ?? PLACES.find((place) => existsSync(place)) ?? PLACES[0]!);
}

/**
 * Reads and checks a configuration file.
 * @param read turns the document into a configuration; it records mistakes in the checker
 * @throws ConfigError with every mistake at once
 */
export function loadFile<Config>(
  path: string,
  read: (checker: Checker, around: Surroundings) => Config,
  from: Pick<Surroundings, 'env' | 'credentials'>,
): Loaded<Config> {
  readable(path);
  const directory = dirname(path);
  const warnings: string[] = [];
  const files = new Set<string>();
  let config: Config | undefined;
  const extension = extname(path);
  // conf is given no defaults: it would write them into the administrator's file.
  void new Conf({
    cwd: directory,
    configName: basename(path, extension),
    fileExtension: extension.slice(1),
    deserialize: (text) => {
      warnings.length = 0;
      const lines = new LineCounter();
      const document = parseDocument(text, {
        lineCounter: lines,
        prettyErrors: false,
        uniqueKeys: false,
      });
      // Errors after the first syntax error are nearly always caused by it.
      const [broken] = document.errors.map(({ message, linePos, pos }) => ({
        key: '',
        line: linePos?.[0].line ?? lines.linePos(pos[0]).line,
        // The text after a colon is part of the file: it may be part of a password.
        message: `not YAML: ${message.replace(/:.*$/s, '')}; correct this first, the rest is not checked`,
      }));
      if (broken !== undefined) throw new ConfigError(path, [broken]);
      const checker = new Checker(document, lines);
      let secret = false;
      const around: Surroundings = {
        directory,
        ...from,
        warn: (warning) => warnings.push(warning),
        reads: (file) => files.add(file),
        holdsSecret: () => (secret = true),
      };
      config = read(checker, around);
      if (checker.problems.length > 0) throw new ConfigError(path, checker.problems);
      // A document that passed the check is no alias bomb, however many aliases it has.
      const raw = document.toJS({ maxAliasCount: -1 }) as Record<string, unknown>;
      if (secret) warnIfOpen(path, around);
      return raw;
    },
  });
  if (config === undefined) throw new ConfigError(path, [noLine(EMPTY)]);
  return { path, config, warnings, files: [...files] };
}

/**
 * Reads one part of a file, whatever is wrong elsewhere: keys that are wrong in that part get their
 * defaults.
 * @throws ConfigError where there is no such file, unless it may be missing
 */
export function loadPart<Part>(
  path: string,
  read: (checker: Checker, directory: string) => Part,
  { mayBeMissing = false } = {},
): Part {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing && !mayBeMissing) throw unreadable(path, error);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' });
  return read(new Checker(document, lines), dirname(path));
}

/** conf treats a missing file as empty, and reports an empty one with an error of its own. */
function readable(path: string): void {
  try {
    if (readFileSync(path, 'utf8').trim() !== '') return;
  } catch (error) {
    throw unreadable(path, error);
  }
  throw new ConfigError(path, [noLine(EMPTY)]);
}

function unreadable(path: string, error: unknown): ConfigError {
  const advice = 'name another one with --config PATH, or have denywatch init write one';
  const why =
    (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? 'there is no such file'
      : (error as Error).message;
  return new ConfigError(path, [noLine(`${why}; ${advice}`)], { cause: error });
}

function noLine(message: string): Problem {
  return { key: '', line: null, message };
}
