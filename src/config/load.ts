/** Reads the configuration file, through `conf`. */
import { readFileSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import Conf from 'conf';
import { LineCounter, parseDocument } from 'yaml';
import { Checker, type Problem } from './checker.ts';
import { ConfigError } from './error.ts';
import { syntaxError, unreadable } from './part.ts';
import { warnIfOpen } from './secret.ts';
import type { Surroundings } from './surroundings.ts';

const EMPTY = 'is empty: denywatch init --stdout shows what to begin with';

/** A configuration that was read: its path, its values, and warnings about it. */
export interface Loaded<Config> {
  readonly path: string;
  readonly config: Config;
  readonly warnings: readonly string[];
  /** Other files that it names and that were read with it. */
  readonly files: readonly string[];
  /** Keys of entries whose credential was not read. */
  readonly withoutCredential: readonly string[];
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
  const withoutCredential = new Set<string>();
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
      const broken = syntaxError(document, lines);
      if (broken !== undefined) throw new ConfigError(path, [broken]);
      const checker = new Checker(document, lines);
      let secret = false;
      const around: Surroundings = {
        directory,
        ...from,
        skipsCredential: (key) => withoutCredential.add(key),
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
  return {
    path,
    config,
    warnings,
    files: [...files],
    withoutCredential: [...withoutCredential],
  };
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

function noLine(message: string): Problem {
  return { key: '', line: null, message };
}
