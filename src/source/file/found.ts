/** The files on disk that may hold part of a stream: the file at its path, and rotated ones. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
  type BigIntStats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { constants as zlib, gunzipSync } from 'node:zlib';
import { byAge, rotationOf, type Rotation } from './names.ts';
import { identityOf, PRINT, printOf, sameFile, type Identity, type Mark } from './position.ts';

/** The name does not lead to the file that was listed any more: list again. */
export class MovedError extends Error {
  override name = 'MovedError';
}

/**
 * - `current`: at the stream's path
 * - `rotated`: named as rotation names that path's files
 * - `stray`: elsewhere (the path was a symbolic link to it); only good for going on with it
 */
type Role = 'current' | 'rotated' | 'stray';

/** A file on disk, opened only when its content is asked for. */
export class FoundFile {
  readonly name: string;
  readonly role: Role;
  readonly packed: boolean;
  readonly id: Identity;
  /** Last written, milliseconds since 1970. */
  readonly mtime: number;
  /** Why it cannot be read, known after the first try. */
  problem: Error | null = null;
  readonly #listedSize: number;
  #fd: number | null = null;
  #head: Buffer | null = null;

  constructor(name: string, role: Role, packed: boolean, stat: BigIntStats) {
    this.name = name;
    this.role = role;
    this.packed = packed;
    this.id = identityOf(stat);
    this.#listedSize = Number(stat.size);
    this.mtime = Number(stat.mtimeNs) / 1e6;
  }

  #open(): number {
    if (this.#fd !== null) return this.#fd;
    let fd: number;
    try {
      fd = openSync(this.name, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new MovedError(this.name);
      throw error;
    }
    this.#fd = fd;
    if (!sameFile(identityOf(fstatSync(fd, { bigint: true })), this.id)) {
      throw new MovedError(this.name);
    }
    return fd;
  }

  /** Bytes on disk: by now, when it is open. A copy may still be growing while it is listed. */
  get size(): number {
    return this.#fd === null ? this.#listedSize : fstatSync(this.#fd).size;
  }

  /** Its first bytes, at most PRINT of them, unpacked; none where `problem` tells why. */
  head(): Buffer {
    this.#head ??= this.#readHead();
    return this.#head;
  }

  #readHead(): Buffer {
    try {
      return this.packed ? unpackHead(this.read(0, 4 * PRINT)) : this.read(0, PRINT);
    } catch (error) {
      if (error instanceof MovedError) throw error;
      this.problem = error as Error;
      return Buffer.alloc(0);
    }
  }

  /** Bytes of the file as it is on disk, fewer where it ends. */
  read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(this.#open(), bytes, 0, length, offset));
  }

  /** Whether this is the file, or a copy of it, that was read as far as the mark says. */
  holds(mark: Mark): boolean {
    const head = this.head();
    if (head.length < mark.head.size) return false;
    if (printOf(head.subarray(0, mark.head.size)).hash !== mark.head.hash) return false;
    // A copy may lack the last bytes (written after it was made); a packed one is checked on reading.
    if (this.packed) return true;
    if (this.size < mark.offset) return this.role !== 'current';
    return printOf(this.read(mark.offset - mark.tail.size, mark.tail.size)).hash === mark.tail.hash;
  }

  /** Gives the descriptor away: the caller closes it. */
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

function unpackHead(packed: Buffer): Buffer {
  try {
    return gunzipSync(packed, { finishFlush: zlib.Z_SYNC_FLUSH }).subarray(0, PRINT);
  } catch {
    return Buffer.alloc(0); // Not gzip, or not yet.
  }
}

/** A look at the disk. */
export interface Listing {
  /** Strays, then rotated files oldest first, then the current one if there is one. */
  readonly files: readonly FoundFile[];
  /** Where the path leads. */
  readonly target: string;
  /** Names and files in one text: two equal ones mean that nothing was renamed in between. */
  readonly key: string;
}

/**
 * Lists what may hold part of the stream at `path`.
 * @param known where the stream's files were when they were seen last
 * @throws the system's error where the path cannot be followed, other than for a missing file
 */
export function listFiles(path: string, known: readonly string[]): Listing {
  const target = resolveLink(path);
  const bases = [...new Set([path, target])];
  const isOurs = (name: string) => bases.some((base) => base === name || isRotated(base, name));
  const strays = new Set(known.filter((name) => !isOurs(name)));
  const files = [...strays].flatMap((name) => [
    ...rotatedFiles(name, 'stray'),
    ...file(name, 'stray', false),
  ]);
  files.push(...bases.flatMap((base) => rotatedFiles(base, 'rotated')));
  files.push(...file(target, 'current', false));
  const seen = new Set<string>();
  const unique = files
    .toReversed()
    .filter(({ id }) => !seen.has(keyOf(id)) && seen.add(keyOf(id)))
    .toReversed();
  return { files: unique, target, key: files.map((f) => `${f.name} ${keyOf(f.id)}`).join('\n') };
}

function isRotated(base: string, name: string): boolean {
  return dirname(base) === dirname(name) && rotationOf(basename(base), basename(name)) !== null;
}

function keyOf({ dev, ino, birth }: Identity): string {
  return `${dev} ${ino} ${birth}`;
}

function resolveLink(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return path;
    throw error;
  }
}

function rotatedFiles(base: string, role: Role): FoundFile[] {
  const directory = dirname(base);
  const rotations = new Map<string, Rotation & { name: string }>();
  for (const name of namesIn(directory)) {
    const rotation = rotationOf(basename(base), name);
    if (rotation === null || (rotation.packed && !name.endsWith('.gz'))) continue;
    // While a file is being compressed both are there: the packed one may not be whole yet.
    const key = `${rotation.kind} ${rotation.added}`;
    const twin = rotations.get(key);
    if (twin === undefined || twin.packed) rotations.set(key, { ...rotation, name });
  }
  const found = [...rotations.values()].flatMap((rotation) =>
    file(join(directory, rotation.name), role, rotation.packed).map((it) => ({
      it,
      rotation,
      mtime: it.mtime,
    })),
  );
  return byAge(found).map(({ it }) => it);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    // A directory may be searched but not listed: then only the path itself is known.
    if (['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

function file(name: string, role: Role, packed: boolean): FoundFile[] {
  const stat = statSync(name, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || (!stat.isFile() && role !== 'current')) return [];
  if (!stat.isFile()) throw new Error('it is not a regular file; name a log');
  return [new FoundFile(name, role, packed, stat)];
}

export const NO_FILE = 'it does not exist; it is read when it appears';

/** Why a log cannot be read, with the way out. */
export function problemOf({ message, code }: NodeJS.ErrnoException): string {
  return code === 'EACCES' ? `${message}; add the agent's user to the log's group` : message;
}
