/** What a `file:` source would read now, for `check` and `init`. */
import { closeSync, constants, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { noLines, type Barred, type SourceLook, type StreamLook } from '../kind.ts';
import type { FileSettings } from './config.ts';
import { Glob, isGlob } from './glob.ts';
import { surveyGlob } from './members.ts';
import { reasonOf } from '../../text/reason.ts';

/** Bytes at the end of a log that are looked at. */
const TAIL = 4 * 1024 ** 2;

/** @throws nothing: what cannot be listed is a stream with a problem */
export function lookAtFiles({ path }: Pick<FileSettings, 'path'>): SourceLook {
  if (!isGlob(path)) return { streams: [lookAtFile(path)], leftOut: [] };
  const { logs, leftOut, problems } = surveyGlob(new Glob(path));
  const streams = logs.toSorted().map((log) => lookAtFile(log));
  const failed = problems.map(({ directory, error }) => failure(directory, error));
  return {
    streams: [...failed, ...streams],
    leftOut: leftOut.map((it) => ({ stream: it.path, why: it.why })),
  };
}

/** What of a path or pattern cannot be opened or listed; missing files are not included. */
export function barredFiles(path: string): Barred[] {
  const { streams } = lookAtFiles({ path });
  return streams
    .filter(({ problem, isMissing }) => problem !== null && !isMissing)
    .map(({ stream }) => ({ stream, path: stream, isTree: false }));
}

/** One log. It is opened rather than only stat'ed, because reading requires that. */
export function lookAtFile(path: string): StreamLook {
  try {
    const fd = openLog(path);
    const written = fstatSync(fd).mtimeMs;
    closeSync(fd);
    const recent = () => Promise.resolve(lastLines(path));
    return { stream: path, problem: null, isMissing: false, written, recent };
  } catch (error) {
    return failure(path, error as NodeJS.ErrnoException);
  }
}

/** Not blocking: opening a FIFO would wait for a writer. */
function openLog(path: string): number {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new Error('it is not a regular file');
}

/** The last whole lines of a file; none where it cannot be read. */
export function lastLines(path: string): Buffer {
  let fd: number;
  try {
    fd = openLog(path);
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const { size } = fstatSync(fd);
    const from = Math.max(0, size - TAIL);
    const bytes = Buffer.alloc(size - from);
    const read = readSync(fd, bytes, 0, bytes.length, from);
    return bytes.subarray(from === 0 ? 0 : bytes.indexOf(10) + 1, read);
  } finally {
    closeSync(fd);
  }
}

function failure(path: string, error: NodeJS.ErrnoException): StreamLook {
  const isMissing = error.code === 'ENOENT' && existsSync(dirname(path));
  const problem = wayOut(path, error);
  return { stream: path, problem, isMissing, written: null, recent: noLines };
}

function wayOut(path: string, error: NodeJS.ErrnoException): string {
  const { code } = error;
  if (code === 'ENOENT') {
    return existsSync(dirname(path))
      ? `there is no ${path}: it will be read when it appears; is the name right?`
      : `there is no directory ${dirname(path)}: is the path right?`;
  }
  if (code === 'EACCES')
    return `${path} cannot be read: add the agent's user to the log's group${groupOf(path)}`;
  return `cannot read ${path}: ${reasonOf(error)}; name another log`;
}

function groupOf(path: string): string {
  try {
    return ` (gid ${statSync(path).gid})`;
  } catch {
    return '';
  }
}
