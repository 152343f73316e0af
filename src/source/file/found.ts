/** The files on disk that may hold part of a stream: the file at its path, and rotated ones. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
  type BigIntStats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isShortage } from '../../host/shortage.ts';
import { directoryNames } from './names.ts';
import {
  identityOf,
  keyOf,
  PRINT,
  printOf,
  sameFile,
  type Identity,
  type Mark,
} from './position.ts';
import { byAge, packingOf, rotationOf, stemOf, type Rotation } from './rotated.ts';
import { unpackStart, type Packing } from './unpack.ts';
import { reasonOf } from '../../text/reason.ts';

/** The name no longer leads to the file that was listed: list again. */
export class MovedError extends Error {
  override name = 'MovedError';
}

/**
 * - `current`: at the stream's path
 * - `rotated`: named as rotation names that path's files
 * - `stray`: elsewhere (the path was a symbolic link to it); only used to go on reading it
 */
type Role = 'current' | 'rotated' | 'stray';

/**
 * Opens the file that had a name before.
 * @throws MovedError where the name leads nowhere or to another file now
 */
export function openSame(name: string, id: Identity): number {
  let fd: number;
  try {
    fd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new MovedError(name);
    throw error;
  }
  if (sameFile(identityOf(fstatSync(fd, { bigint: true })), id)) return fd;
  closeSync(fd);
  throw new MovedError(name);
}

/** A file on disk, opened only when its content is asked for. */
export class FoundFile {
  readonly name: string;
  readonly role: Role;
  /** What decompresses it; null where it is not compressed. */
  readonly packing: Packing | null;
  readonly id: Identity;
  /** Last written, milliseconds since 1970. */
  readonly mtime: number;
  /** Why it cannot be read, known after the first try. */
  problem: Error | null = null;
  readonly #listedSize: number;
  #fd: number | null = null;
  readonly #differs = new Set<Mark | FoundFile>();
  #head: Buffer | null = null;

  constructor(name: string, role: Role, packing: Packing | null, stat: BigIntStats) {
    this.name = name;
    this.role = role;
    this.packing = packing;
    this.id = identityOf(stat);
    this.#listedSize = Number(stat.size);
    this.mtime = Number(stat.mtimeNs) / 1e6;
  }

  get packed(): boolean {
    return this.packing !== null;
  }

  #open(): number {
    this.#fd ??= openSame(this.name, this.id);
    return this.#fd;
  }

  /**
   * Bytes on disk; the present number when it is open. A copy may still be growing while it is
   * listed.
   */
  get size(): number {
    return this.#fd === null ? this.#listedSize : fstatSync(this.#fd).size;
  }

  /**
   * Its first bytes, at most PRINT of them, decompressed; none where `problem` gives the reason.
   * @throws MovedError, or where a shortage passes
   */
  head(): Buffer {
    this.#head ??= this.#readHead();
    return this.#head;
  }

  #readHead(): Buffer {
    try {
      if (this.packing === null) return this.read(0, PRINT);
      return unpackStart(this.packing, this.#open(), PRINT);
    } catch (error) {
      if (error instanceof MovedError || isShortage(error)) throw error;
      this.problem = error as Error;
      return Buffer.alloc(0);
    }
  }

  /** Bytes of the file as stored on disk; fewer at its end. */
  read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(this.#open(), bytes, 0, length, offset));
  }

  /** Up to PRINT bytes before an offset. */
  before(offset: number): Buffer {
    const length = Math.min(offset, PRINT);
    return length === 0 ? Buffer.alloc(0) : this.read(offset - length, length);
  }

  /** Whether this is the file that was read as far as the mark records, or a copy of it. */
  holds(mark: Mark): boolean {
    if (this.#differs.has(mark)) return false;
    const head = this.head();
    if (head.length < mark.head.size) return false;
    if (printOf(head.subarray(0, mark.head.size)).hash !== mark.head.hash) return false;
    // A copy may lack the last bytes (written after it was made); a compressed one is checked on
    // reading.
    if (this.packed) return true;
    if (this.size < mark.offset) return this.role !== 'current';
    return printOf(this.read(mark.offset - mark.tail.size, mark.tail.size)).hash === mark.tail.hash;
  }

  /** It only begins like another file. */
  distinguish(other: Mark | FoundFile): void {
    this.#differs.add(other);
  }

  /** Whether it is, as far as fingerprints reach, the beginning of another file. */
  isCopyOf(other: FoundFile): boolean {
    const head = this.head();
    if (head.length === 0 || this.#differs.has(other)) return false;
    if (!head.equals(other.head().subarray(0, head.length))) return false;
    if (this.packed) return true; // Decompressing it shows whether that is so.
    const { size } = this;
    return this.before(size).equals(other.before(size));
  }

  /** Hands the descriptor to the caller, which closes it. */
  takeDescriptor(): number {
    const fd = this.#open();
    this.#fd = null;
    return fd;
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}

/** A look at the disk. */
export interface Listing {
  /** Strays, then rotated files oldest first, then the current file if there is one. */
  readonly files: readonly FoundFile[];
  /** Where the path leads to. */
  readonly target: string;
  /** Names and files as one text: two equal texts mean that nothing was renamed in between. */
  readonly key: string;
}

/** Where a stream's files may be. */
export interface Whereabouts {
  readonly path: string;
  /** Where its files were when they were last seen. */
  readonly known: readonly string[];
  /** Whether a file is another log, which is never taken for a rotated one. */
  readonly isOther: (path: string, id: Identity) => boolean;
}

/**
 * Lists what may hold part of a stream.
 * @throws the system's error where the path cannot be followed, other than for a missing file
 */
export function listFiles({ path, known, isOther }: Whereabouts): Listing {
  const target = resolveLink(path);
  const bases = [...new Set([path, target])];
  // A rotated file that was found by identity or content shows how others are named, and where they
  // are.
  const isUsual = (name: string) => bases.some((base) => isRotated(basename(base), name));
  const like = known.map((name) => basename(name)).filter((name) => !isUsual(name));
  const rotates = (name: string) =>
    bases.some((base) => rotationOf(basename(base), basename(name), like) !== null);
  const directories = new Set(
    [...bases, ...known.filter((name) => rotates(name))].map((name) => dirname(name)),
  );
  const strays = new Set(known.filter((name) => !bases.includes(name) && !rotates(name)));
  const files = [...strays].flatMap((name) => [
    ...rotatedFiles(name, dirname(name), 'stray', []),
    ...file(name, 'stray', null),
  ]);
  for (const base of bases) {
    const found = [...directories].flatMap((directory) =>
      rotatedFiles(base, directory, 'rotated', like),
    );
    files.push(...found.filter(({ name, id }) => name === target || !isOther(name, id)));
  }
  files.push(...file(target, 'current', null));
  const seen = new Set<string>();
  const unique = files
    .toReversed()
    .filter(({ id }) => !seen.has(keyOf(id)) && seen.add(keyOf(id)))
    .toReversed();
  return { files: unique, target, key: files.map((f) => `${f.name} ${keyOf(f.id)}`).join('\n') };
}

function isRotated(base: string, name: string): boolean {
  return name === base || rotationOf(base, name) !== null;
}

function resolveLink(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return path;
    throw error;
  }
}

function rotatedFiles(
  base: string,
  directory: string,
  role: Role,
  like: readonly string[],
): FoundFile[] {
  const rotations = new Map<string, Rotation & { name: string }>();
  const log = basename(base);
  for (const name of directoryNames.beginning(directory, stemOf(log))) {
    const rotation = rotationOf(log, name, like);
    if (rotation === null || packingOf(name) === null) continue;
    // While a file is being compressed both exist: the compressed one may not be complete yet.
    const key = `${rotation.kind} ${rotation.added} ${rotation.appended}`;
    const twin = rotations.get(key);
    if (twin === undefined || twin.packed) rotations.set(key, { ...rotation, name });
  }
  const found = [...rotations.values()].flatMap((rotation) =>
    file(join(directory, rotation.name), role, packingOf(rotation.name) ?? null).map((it) => ({
      it,
      rotation,
      mtime: it.mtime,
    })),
  );
  return byAge(found).map(({ it }) => it);
}

/** The file of a name; none where it cannot be a log. */
export function file(name: string, role: Role, packing: Packing | null): FoundFile[] {
  const stat = statSync(name, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || (!stat.isFile() && role !== 'current')) return [];
  if (!stat.isFile()) throw new Error(NOT_A_LOG);
  return [new FoundFile(name, role, packing, stat)];
}

export const NO_FILE = 'it does not exist; it is read when it appears';
const NOT_A_LOG = 'it is not a regular file; name a log';

/** Why a log cannot be read, and what to do. */
export function problemOf(error: NodeJS.ErrnoException): string {
  const message = reasonOf(error);
  return error.code === 'EACCES' ? `${message}; add the agent's user to the log's group` : message;
}
