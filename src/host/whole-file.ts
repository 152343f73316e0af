/** Files that are there whole or not at all, whenever somebody looks. */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';

export interface WholeOptions {
  /** Instead of the old file's mode. */
  readonly mode?: number;
  /** Whether it must be on the disk: what is written again soon need not. */
  readonly durable?: boolean;
}

/**
 * Writes a file in place of the one with its name, whose mode it keeps; a symbolic link stays. What
 * is no file (a pipe, /dev/stdout) is written to as it is.
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
    throw new Error(`cannot write ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function write(path: string, flags: 'w' | 'wx', chunks: Iterable<string>, durable: boolean): void {
  const file = openSync(path, flags, 0o666);
  try {
    for (const chunk of chunks) writeSync(file, chunk);
    if (durable) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
