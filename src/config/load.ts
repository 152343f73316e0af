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
 * Where the configuration is looked for when none is named: the system's, else, when run from a
 * checkout, the one there.
 */
export const PLACES = isSea() ? [INSTALLED] : [INSTALLED, resolve('etc/denywatch.yaml')];

const EMPTY = 'is empty: denywatch init --stdout shows what to begin with';

/** A configuration that was read: where from, what it says, and what deserves a look in it. */
export interface Loaded<Config> {
  readonly path: string;
  readonly config: Config;
  readonly warnings: readonly string[];
  /** The other files that it names and that were read with it. */
  readonly files: readonly string[];
}

/** The configuration file to use: the one named, else the first of the usual places that exists. */
export function configPath(named: string | undefined): string {
  return resolve(named ?? PLACES.find((place) => existsSync(place)) ?? PLACES[0]!);
}

/**
 * Reads and checks a configuration file.
 * @param read makes the configuration of the document; mistakes are noted in the checker
 * @throws ConfigError with every mistake at once
 */
export function loadFile<Config>(
  path: string,
  read: (checker: Checker, around: Surroundings) => Config,
  env: NodeJS.ProcessEnv,
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
      // What follows a first mistake in the syntax nearly always follows from it.
      const [broken] = document.errors.map(({ message, linePos, pos }) => ({
        key: '',
        line: linePos?.[0].line ?? lines.linePos(pos[0]).line,
        // What stands behind a colon is a piece of the file: it may be one of a password.
        message: `not YAML: ${message.replace(/:.*$/s, '')}; mend this first, the rest is not looked at`,
      }));
      if (broken !== undefined) throw new ConfigError(path, [broken]);
      const checker = new Checker(document, lines);
      let secret = false;
      const around: Surroundings = {
        directory,
        env,
        warn: (warning) => warnings.push(warning),
        reads: (file) => files.add(file),
        holdsSecret: () => (secret = true),
      };
      config = read(checker, around);
      if (checker.problems.length > 0) throw new ConfigError(path, checker.problems);
      // What was checked is no bomb of aliases, however many there are.
      const raw = document.toJS({ maxAliasCount: -1 }) as Record<string, unknown>;
      if (secret) warnIfOpen(path, around);
      return raw;
    },
  });
  if (config === undefined) throw new ConfigError(path, [noLine(EMPTY)]);
  return { path, config, warnings, files: [...files] };
}

/**
 * Reads a part of a file, whatever else in it is wrong: what is wrong in that part has its default.
 * @throws ConfigError where there is no such file
 */
export function loadPart<Part>(
  path: string,
  read: (checker: Checker, directory: string) => Part,
): Part {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw unreadable(path, error);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' });
  return read(new Checker(document, lines), dirname(path));
}

/** conf takes a missing file for an empty one, and an empty one for an error of its own. */
function readable(path: string): void {
  try {
    if (readFileSync(path, 'utf8').trim() !== '') return;
  } catch (error) {
    throw unreadable(path, error);
  }
  throw new ConfigError(path, [noLine(EMPTY)]);
}

function unreadable(path: string, error: unknown): ConfigError {
  const wayOut = 'name another one with --config PATH, or have denywatch init write one';
  const why =
    (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? 'there is no such file'
      : (error as Error).message;
  return new ConfigError(path, [noLine(`${why}; ${wayOut}`)], { cause: error });
}

function noLine(message: string): Problem {
  return { key: '', line: null, message };
}
