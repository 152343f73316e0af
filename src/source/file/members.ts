/**
 * Which of the files that a glob leads to are logs of their own, and which are left out: `run`,
 * `check` and `init` all ask here.
 *
 * A compressed file is left out. A file whose name rotation made from another log's name is that
 * log's rotated file. This always holds where the whole name was kept (`auth.log.1` beside
 * `auth.log`). Otherwise (`web.1.log` beside `web.log`, which may be two hosts) it holds only where
 * the file was recognised by identity or content.
 */
import { readdirSync, statSync, type Stats } from 'node:fs';
import { basename, join } from 'node:path';
import { Glob, type Below } from './glob.ts';
import { basesOf, isPacked } from './rotated.ts';

/** A file that a glob leads to and that is not read, and why. */
export interface LeftOut {
  readonly path: string;
  readonly why: string;
}

/** What a glob finds in a directory. */
export interface Members {
  readonly directory: string;
  /** Paths of logs. */
  readonly logs: readonly string[];
  readonly leftOut: readonly LeftOut[];
  /** The same for directories in it. */
  readonly into: readonly Below[];
}

/** What is known of files beyond their names. */
export interface Knowledge {
  /** Whether a log is read, or was, under this path. */
  isLog(path: string): boolean;
  /** Whether a file is another log's, which has been given this name. */
  isTaken(path: string): boolean;
  /** Whether a file is one of the rotated files of a log. */
  isRotatedOf(log: string, path: string): boolean;
}

/** What is known before anything was read. */
const NOTHING_KNOWN: Knowledge = {
  isLog: () => false,
  isTaken: () => false,
  isRotatedOf: () => false,
};

/**
 * Lists a directory for a glob.
 * @throws the system's error where it cannot be listed
 */
export function membersOf(below: Below, knowledge: Knowledge): Members {
  const { directory } = below;
  const entries = below.names === null ? list(directory) : named(directory, below.names);
  const into: Below[] = [];
  const names: string[] = [];
  const leftOut: LeftOut[] = [];
  for (const { name, isFile, isDirectory, isLink } of entries) {
    const next = isDirectory ? below.into(name, isLink) : null;
    if (next !== null) into.push(next);
    if (isDirectory || !below.isFile(name)) continue;
    if (isFile) names.push(name);
    else leftOut.push({ path: join(directory, name), why: 'it is not a regular file' });
  }
  const present = new Set(names);
  const logs: string[] = [];
  for (const name of names) {
    const path = join(directory, name);
    const why = whyLeftOut(path, present, knowledge);
    if (why === null) logs.push(path);
    else leftOut.push({ path, why });
  }
  return { directory, logs, leftOut, into };
}

/** Why a file is not a log of its own; null where it is one. */
export function whyLeftOut(
  path: string,
  present: Pick<ReadonlySet<string>, 'has'>,
  knowledge: Knowledge,
): string | null {
  const name = basename(path);
  if (isPacked(name)) return 'compressed';
  if (knowledge.isLog(path)) return null;
  for (const { base, appended } of basesOf(name)) {
    const log = path.slice(0, -name.length) + base;
    const isThere = present.has(base) || knowledge.isLog(log);
    if (!isThere) continue;
    if (appended || knowledge.isRotatedOf(log, path)) return `rotated from ${base}`;
  }
  return knowledge.isTaken(path) ? 'rotated from another log' : null;
}

interface Entry {
  readonly name: string;
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly isLink: boolean;
}

function list(directory: string): Entry[] {
  return readdirSync(directory, { withFileTypes: true }).map((entry) => {
    const isLink = entry.isSymbolicLink();
    const its = isLink ? (statOf(join(directory, entry.name)) ?? entry) : entry;
    const isFile = its.isFile();
    return { name: entry.name, isFile, isDirectory: its.isDirectory(), isLink };
  });
}

function named(directory: string, names: readonly string[]): Entry[] {
  // As listing it would report: where the directory is missing, that is the problem.
  statSync(directory);
  return names.flatMap((name) => {
    const stat = statOf(join(directory, name));
    if (stat === undefined) return [];
    return [{ name, isFile: stat.isFile(), isDirectory: stat.isDirectory(), isLink: false }];
  });
}

/** What a path leads to; undefined where it leads nowhere. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Most directories that a glob is searched in. */
const MOST_DIRECTORIES = 20_000;

/** Everything that a glob leads to now, and why directories cannot be listed. */
export interface Survey {
  readonly logs: readonly string[];
  readonly leftOut: readonly LeftOut[];
  readonly problems: readonly { readonly directory: string; readonly error: Error }[];
}

export function surveyGlob(glob: Glob, knowledge: Knowledge = NOTHING_KNOWN): Survey {
  const logs: string[] = [];
  const leftOut: LeftOut[] = [];
  const problems: { directory: string; error: Error }[] = [];
  const left: Below[] = [glob.below()];
  for (let count = 0; left.length > 0 && count < MOST_DIRECTORIES; count++) {
    const below = left.shift()!;
    try {
      const members = membersOf(below, knowledge);
      logs.push(...members.logs);
      leftOut.push(...members.leftOut);
      left.push(...members.into);
    } catch (error) {
      problems.push({ directory: below.directory, error: error as Error });
    }
  }
  return { logs, leftOut, problems };
}
