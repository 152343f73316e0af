/**
 * The saved position of a file stream: which files its lines came from, how to recognise each of
 * them after a restart, and how far each was read.
 */
import { hash } from 'node:crypto';
import { statSync, type BigIntStats } from 'node:fs';
import type { Position } from '../source.ts';

/** Also the version of a position without one. */
const VERSION = 1;
/** In nanoseconds. */
const SECOND = 1_000_000_000n;
/** Most bytes that a fingerprint covers. */
export const PRINT = 1024;

/**
 * What distinguishes one file from another on this machine. The inode alone does not: ext4 gives a
 * deleted file's number to the next one. Decimal text, because the numbers may pass 2^53.
 */
export interface Identity {
  readonly dev: string;
  readonly ino: string;
  /** Time of birth, nanoseconds since 1970. */
  readonly birth: string;
}

/** A fingerprint of `size` bytes. */
export interface Print {
  readonly size: number;
  readonly hash: string;
}

/** One file of a stream and how far it was read. */
export interface Mark extends Identity {
  /** Where it was last seen, with symbolic links resolved. */
  readonly name: string;
  /** Fingerprint of its first bytes. */
  readonly head: Print;
  /** Fingerprint of the bytes before `offset`. */
  readonly tail: Print;
  /** Bytes read and handed over: always the start of a line. */
  readonly offset: number;
  /** Bytes that it was seen to have. */
  readonly size: number;
  /** It was rotated away, read to its end, and read on for late writers. */
  readonly done: boolean;
}

/** A type rather than an interface, so that it also is a `Position`. */
export type FilePosition = {
  readonly version: 1;
  /**
   * Rotated files last written up to this time (milliseconds since 1970) are accounted for. Only
   * needed where none of `files` can be found among them any more.
   */
  readonly since: number;
  /** Oldest first. The last is the file at the stream's path, when that was there. */
  readonly files: readonly Mark[];
};

export function identityOf(stat: BigIntStats): Identity {
  return { dev: `${stat.dev}`, ino: `${stat.ino}`, birth: `${stat.birthtimeNs}` };
}

/** What changes when a file is written to or replaced. */
export interface Stamp {
  readonly ino: number;
  readonly size: number;
  /** ms since 1970 */
  readonly mtime: number;
}

/** How a path looks at a moment. */
export interface Glance {
  /** Which file is there, as a text; the reason where there is none. */
  readonly key: string;
  readonly stamp: Stamp | null;
}

export function glanceAt(path: string): Glance {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return { key: 'missing', stamp: null };
    return { key: keyOf(identityOf(stat)), stamp: asStamp(stat) };
  } catch (error) {
    return { key: String((error as NodeJS.ErrnoException).code), stamp: null };
  }
}

export function asStamp({ ino, size, mtimeNs }: BigIntStats): Stamp {
  // As Node makes mtimeMs, so that both are equal.
  const mtime = Number(mtimeNs / SECOND) * 1000 + Number(mtimeNs % SECOND) / 1e6;
  return { ino: Number(ino), size: Number(size), mtime };
}

/** The stamp of a glance alone, which costs half as much. */
export function stampAt(path: string): Stamp | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined ? null : { ino: stat.ino, size: stat.size, mtime: stat.mtimeMs };
  } catch {
    return null;
  }
}

/** Whether nothing was done to a file in between; false where there was none. */
export function sameStamp(a: Stamp | null, b: Stamp | null): boolean {
  if (a === null || b === null) return false;
  return a.ino === b.ino && a.size === b.size && a.mtime === b.mtime;
}

/** The position of a stream that begins with the rotated files later than a time, ms since 1970. */
export function beginSince(since: number): FilePosition {
  return { version: VERSION, since, files: [] };
}

export function sameFile(a: Identity, b: Identity): boolean {
  return a.ino === b.ino && a.dev === b.dev && a.birth === b.birth;
}

/** An identity as a text. */
export function keyOf({ dev, ino, birth }: Identity): string {
  return `${dev} ${ino} ${birth}`;
}

/** `printOf` of no bytes. Written out: a start need not wait until node:crypto is loaded, 4 ms. */
export const NO_PRINT: Print = { size: 0, hash: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU' };

export function printOf(bytes: Buffer): Print {
  return { size: bytes.length, hash: hash('sha256', bytes, 'base64url') };
}

/** Parses a saved position; null where it is not one of ours, or of a newer version. */
export function asFilePosition(position: Position): FilePosition | null {
  const { version = VERSION, since, files } = position;
  if (version !== VERSION || typeof since !== 'number' || !Array.isArray(files)) return null;
  return { version: VERSION, since, files };
}
