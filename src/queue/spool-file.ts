/** Writes a file of the spool: loaded only by `denied`, and only if it cannot access the queue. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { QueueError } from './error.ts';
import { SHARES } from './room.ts';
import { DRAFT, makeSpool, spoolOf } from './spool.ts';
import { counted } from '../text/amounts.ts';

/** A file takes at least this much of a disk, bytes. */
const BLOCK = 4096;

/**
 * Leaves a denial in a file, synced to the disk.
 * @param size of the queue: the files have as much room as the inbox
 * @throws QueueError if there are too many, or the error of the file system
 */
export function spool(queuePath: string, denial: unknown, size: number): void {
  const directory = spoolOf(queuePath);
  makeSpool(queuePath);
  const files = readdirSync(directory).length;
  if (files >= (size * SHARES.inbox) / BLOCK)
    throw new QueueError(`${directory} is full, with ${counted(files, 'denial')}: start the agent`);
  const name = `${Date.now()}-${process.pid}-${randomBytes(8).toString('hex')}.json`;
  const draft = join(directory, name + DRAFT);
  try {
    writeSynced(draft, JSON.stringify(denial));
    renameSync(draft, join(directory, name));
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  const opened = openSync(directory, constants.O_RDONLY);
  fsyncSync(opened);
  closeSync(opened);
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o640);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
