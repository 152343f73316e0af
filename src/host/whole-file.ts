/** Writes files atomically: a reader sees the whole file or none of it. */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { reasonOf } from '../text/reason.ts';

/** A file cannot be written. */
export class WriteError extends Error {
  override readonly name = 'WriteError';
}

export interface WholeOptions {
  /** Used instead of the old file's mode. */
  readonly mode?: number;
  /** Whether to sync it to the disk; not needed for a file that is soon written again. */
  readonly durable?: boolean;
}

/**
 * Replaces a file and keeps its mode; a symbolic link stays. Anything else (a pipe, /dev/stdout) is
 * written to directly.
 */
export function writeWhole(
  path: string,
  chunks: Iterable<string>,
  { mode, durable = true }: WholeOptions = {},
): void {
  const old = statSync(path, { throwIfNoEntry: false });
  if (old !== undefined && !old.isFile()) return write(path, 'w', chunks, false);
  const target = old === undefined ? path : realpathSync(path);
  const draft = `${target}.${process.pid}.part`;
  try {
    write(draft, 'wx', chunks, durable);
    const wanted = mode ?? old?.mode;
    if (wanted !== undefined) chmodSync(draft, wanted & 0o7777);
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new WriteError(`cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

function write(path: string, flags: 'w' | 'wx', chunks: Iterable<string>, durable: boolean): void {
  const file = openSync(path, flags, 0o666);
  try {
    // writeSync would write only what the disk has room for, and not throw.
    for (const chunk of chunks) writeFileSync(file, chunk);
    if (durable) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
