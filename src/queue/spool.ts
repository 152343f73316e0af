/**
 * Denials in files beside the queue: if `denywatch denied` cannot access the queue, it leaves the
 * denial here, and the agent picks it up. A file is written whole or not at all, under a name that
 * is never used again.
 */
import {
  closeSync,
  constants,
  fchownSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../host/make-directory.ts';
import { ownerOf } from '../host/owner.ts';
import { isShortage } from '../host/shortage.ts';
import { mustBePlain } from './file.ts';

/** The names of a file that is being written, and of a complete one. */
export const DRAFT = '.part';
const WHOLE = /^\d{13,16}-\d{1,10}-[0-9a-f]{16}\.json$/;
/** A file that is still incomplete after this time, ms, was left by a process that was killed. */
const LEFT = 600_000;

/** The directory of these files for a queue. */
export function spoolOf(queuePath: string): string {
  return `${queuePath}.spool`;
}

/** Creates the directory if there is none; it gets the owner of the queue's directory. */
export function makeSpool(queuePath: string): void {
  const directory = spoolOf(queuePath);
  if (!makeDirectory(directory, 0o750)) return;
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = ownerOf(queuePath);
  const opened = openSync(
    directory,
    constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW,
  );
  fchownSync(opened, uid, gid);
  closeSync(opened);
}

/** Names of the files, oldest first. */
export function spooled(queuePath: string): string[] {
  const directory = spoolOf(queuePath);
  try {
    const names = readdirSync(directory);
    for (const name of names.filter((one) => one.endsWith(DRAFT))) removeOld(join(directory, name));
    return names.filter((name) => WHOLE.test(name)).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function removeOld(draft: string): void {
  const made = statSync(draft, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
  if (made < Date.now() - LEFT) rmSync(draft, { force: true });
}

/**
 * The contents of a file; null if it is not one of ours.
 * @throws where this process cannot open any file now
 */
export function readSpooled(queuePath: string, name: string): unknown {
  const path = join(spoolOf(queuePath), name);
  try {
    mustBePlain(path);
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as unknown;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (isShortage(error)) throw error;
    return null;
  }
}

export function removeSpooled(queuePath: string, name: string): void {
  rmSync(join(spoolOf(queuePath), name), { force: true });
}
