/** What a process does to the files of a directory, recorded by strace in its order. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export type Change =
  | { readonly kind: 'write'; readonly file: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'cut'; readonly file: string; readonly size: number }
  | { readonly kind: 'sync'; readonly file: string }
  /** A file is made or removed; that is durable once its directory is synced. */
  | { readonly kind: 'name'; readonly file: string; readonly isThere: boolean }
  | { readonly kind: 'sync names' }
  /** The process was given its word that what it did so far is durable. */
  | { readonly kind: 'said'; readonly text: string };

const CALLS = 'openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,lseek';

/** Runs a program, and gives what it did to files in the directory of `path` that begin with its name. */
export function record(path: string, command: readonly string[]): Change[] {
  const trace = join(dirname(path), 'trace');
  const options = ['-qq', '-y', '-xx', '-s', '1000000', '-e', `trace=${CALLS}`, '-o', trace];
  const { status, stderr } = spawnSync('strace', [...options, ...command], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return parseTrace(readFileSync(trace, 'latin1'), path);
}

/** Only the first thread is recorded: SQLite runs in no other. */
function parseTrace(trace: string, path: string): Change[] {
  const changes: Change[] = [];
  const seen = new Set<string>();
  const place = new Map<string, number>();
  const ours = (file: string) =>
    dirname(file) === dirname(path) &&
    basename(file).startsWith(basename(path)) &&
    !/-shm$|\.lock$/.test(file);
  for (const line of trace.split('\n')) {
    const [, call, rest = ''] = /^(\w+)\((.*)$/.exec(line) ?? [];
    if (call === undefined || / = -1 E/.test(rest)) continue;
    const fd = /^\d+<([^>]*)>/.exec(rest)?.[1];
    const file = fd === undefined ? undefined : text(fd);
    if (call === 'openat') {
      const opened = text(/ = \d+<([^>]*)>$/.exec(rest)?.[1] ?? '');
      if (!ours(opened) || !rest.includes('O_CREAT') || seen.has(opened)) continue;
      seen.add(opened);
      changes.push({ kind: 'name', file: opened, isThere: true });
    } else if (call === 'unlink') {
      const removed = text(/^"([^"]*)"/.exec(rest)?.[1] ?? '');
      if (seen.delete(removed)) changes.push({ kind: 'name', file: removed, isThere: false });
    } else if (file === undefined) continue;
    else if (rest.startsWith('1<') && call === 'write')
      changes.push({ kind: 'said', text: bytesOf(rest).toString() });
    else if (call.endsWith('sync') && file === dirname(path)) changes.push({ kind: 'sync names' });
    else if (!ours(file)) continue;
    else if (call.endsWith('sync')) changes.push({ kind: 'sync', file });
    else if (call === 'lseek') place.set(file, Number(/ = (\d+)$/.exec(rest)?.[1]));
    else if (call === 'ftruncate')
      changes.push({ kind: 'cut', file, size: Number(/, (\d+)\)/.exec(rest)?.[1]) });
    else {
      const bytes = bytesOf(rest);
      const at =
        call === 'pwrite64' ? Number(/, (\d+)\) += \d+$/.exec(rest)?.[1]) : (place.get(file) ?? 0);
      if (call === 'write') place.set(file, at + bytes.length);
      changes.push({ kind: 'write', file, at, bytes });
    }
  }
  return changes;
}

function bytesOf(call: string): Buffer {
  const hex = /"((?:\\x[0-9a-f]{2})*)"/.exec(call)?.[1] ?? '';
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
}

/** With -xx strace writes paths in hexadecimal too. */
function text(path: string): string {
  return path.startsWith('\\x') ? bytesOf(`"${path}"`).toString() : path;
}
