/** The keys of a `file:` source. */
import { isAbsolute, join, normalize } from 'node:path';
import type { Checker, Value } from '../../config/checker.ts';
import type { SourceEntry, SourceSettings } from '../kind.ts';
import { Zone } from '../../text/zone.ts';
import { FROM, type From } from '../from.ts';
import { problemOfGlob } from './glob.ts';

export interface FileSettings extends SourceSettings {
  readonly kind: 'file';
  /** Absolute path of a log, or a glob. */
  readonly path: string;
  readonly from: From;
  /** Longest line that is kept whole, in bytes; a longer one is cut. */
  readonly maxLine: number;
  /** How long a rotated file is still read for late writers, milliseconds. */
  readonly keepRotated: number;
}

export const KEYS = ['from', 'maxLine', 'keepRotated', 'zone', 'relays'];

export function readFile({ place, keys, directory }: SourceEntry): FileSettings[] {
  const { checker } = keys;
  const from = keys.choice<From>('from', FROM, null);
  const maxLine = keys.size('maxLine', '64KiB', '1KiB', '16MiB');
  const keepRotated = keys.duration('keepRotated', '5s', '0', '1h');
  const relays = keys.list('relays', (item) => checker.text(item, 255));
  const zone = keys.read('zone', (at) => readZone(checker, at), undefined);
  return checker.items(place).map((at) => ({
    kind: 'file',
    path: filePath(checker, at, directory),
    from,
    maxLine,
    keepRotated,
    relays,
    ...(zone !== undefined && { zone }),
  }));
}

function readZone(checker: Checker, at: Value): string {
  const name = checker.text(at, 64);
  if (name !== '' && Zone.named(name) === null)
    checker.problem(at, 'must be a zone such as Europe/Berlin, UTC or +05:30');
  return name;
}

/** An absolute path, or glob. */
function filePath(checker: Checker, at: Value, directory: string): string {
  const path = checker.text(at);
  const problem = problemOfGlob(path);
  if (problem !== null) checker.problem(at, problem);
  return normalize(isAbsolute(path) ? path : join(directory, path));
}
