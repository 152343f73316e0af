/**
 * Looks for a stream's file under names that rotation is not known to give: logrotate's
 * `dateformat` allows any name, its `olddir` another directory. It is recognised by device and
 * inode, or, when it was copied or compressed, by its content.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isShortage } from '../../host/shortage.ts';
import { file } from './found.ts';
import { directoryNames } from './names.ts';
import { sameFile, identityOf, type Mark } from './position.ts';
import { packingOf, rotationOf } from './rotated.ts';
import { PROOF } from './trace.ts';

/** Most directories and files that are looked at. */
const MOST = { directories: 64, files: 20_000 };
/** Usual names of directories of rotated files. These are searched first. */
const OLD = /old|arch|rot|bak|back|prev|hist/i;

/**
 * Where the files with these marks are now, as far as they are found.
 * @param path the stream's path
 */
export function findElsewhere(path: string, marks: readonly Mark[]): string[] {
  const found = new Set<string>();
  let left = MOST.files;
  for (const directory of directoriesAround(dirname(path))) {
    for (const name of directoryNames.in(directory)) {
      if (left-- <= 0 || found.size === marks.length) return [...found];
      const full = join(directory, name);
      if (full !== path && marks.some((mark) => isFileOf(path, full, mark))) found.add(full);
    }
  }
  return [...found];
}

/** The directory itself, those in it, and those beside it. */
function directoriesAround(directory: string): string[] {
  const inside = subdirectories(directory);
  const beside = subdirectories(dirname(directory)).filter((it) => it !== directory);
  return [directory, ...first(inside), ...first(beside)].slice(0, MOST.directories);
}

function first(directories: readonly string[]): string[] {
  return directories.toSorted((a, b) => rank(a) - rank(b)).slice(0, MOST.directories / 2);
}

function rank(directory: string): number {
  return Number(!OLD.test(basename(directory)));
}

function subdirectories(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(directory, name));
  } catch (error) {
    if (isShortage(error)) throw error;
    return []; // It may be searched, but not listed.
  }
}

function isFileOf(path: string, name: string, mark: Mark): boolean {
  const packing = packingOf(name);
  if (packing === null) return false;
  // A copy is looked for under usual names only. Logs in one directory may begin alike.
  const mayBeCopy = mark.head.size >= PROOF && rotationOf(basename(path), basename(name)) !== null;
  if (!mayBeCopy && (packing !== undefined || !isFile(name, mark))) return false;
  const [found] = file(name, 'rotated', packing ?? null);
  try {
    return found !== undefined && found.holds(mark);
  } catch (error) {
    if (isShortage(error)) throw error;
    return false; // It was moved meanwhile, or must not be read.
  } finally {
    found?.close();
  }
}

/** Whether the file of a mark has this name. */
function isFile(name: string, mark: Mark): boolean {
  const stat = statSync(name, { bigint: true, throwIfNoEntry: false });
  return stat !== undefined && stat.isFile() && sameFile(identityOf(stat), mark);
}
