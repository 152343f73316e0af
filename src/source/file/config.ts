/** The keys of a `file:` source. */
import { isAbsolute, resolve } from 'node:path';
import type { Checker, Value } from '../../config/checker.ts';
import type { SourceEntry, SourceSettings } from '../kind.ts';
import { FROM, type From } from '../from.ts';

export interface FileSettings extends SourceSettings {
  readonly kind: 'file';
  /** Absolute path of a log, or a glob whose last part has `*` or `?`. */
  readonly path: string;
  readonly from: From;
  /** Longest line kept whole, in bytes; of a longer one the beginning is kept. */
  readonly maxLine: number;
  /** How long a rotated file is still read for late writers, milliseconds. */
  readonly keepRotated: number;
}

export const KEYS = ['from', 'maxLine', 'keepRotated'];

export function readFile({ place, keys, directory }: SourceEntry): FileSettings[] {
  const { checker } = keys;
  const from = keys.choice<From>('from', FROM, null);
  const maxLine = keys.size('maxLine', '64KiB', '1KiB', '16MiB');
  const keepRotated = keys.duration('keepRotated', '5s', '0', '1h');
  return checker.items(place).map((at) => ({
    kind: 'file',
    path: filePath(checker, at, directory),
    from,
    maxLine,
    keepRotated,
  }));
}

/** An absolute path; a glob is fine in its last part only. */
function filePath(checker: Checker, at: Value, directory: string): string {
  const path = checker.text(at);
  if (/[*?[]/.test(path.replace(/[^/]*$/, ''))) {
    checker.problem(at, 'may have * and ? in its last part only: watch one directory a source');
  }
  return isAbsolute(path) ? path : resolve(directory, path);
}
