/** Which log a file belongs to: what the logs of a source know of the files that they read. */
import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Taker } from '../source.ts';
import { file } from './found.ts';
import { Inodes } from './inodes.ts';
import type { Knowledge } from './members.ts';
import { asFilePosition, identityOf, sameFile, type Identity, type Mark } from './position.ts';
import { basesOf, rotationOf } from './rotated.ts';
import type { Tail } from './tail.ts';
import { isProof } from './trace.ts';

export class Ownership implements Knowledge {
  readonly #tails: ReadonlyMap<string, Tail>;
  readonly #isLeft: (path: string) => boolean;
  readonly #taker: Taker;
  readonly #inodes = new Inodes();
  /** Files that were named like a rotated file, and turned out to be logs. */
  readonly #adopted = new Set<string>();

  constructor(tails: ReadonlyMap<string, Tail>, isLeft: (path: string) => boolean, taker: Taker) {
    this.#tails = tails;
    this.#isLeft = isLeft;
    this.#taker = taker;
  }

  /** Records all files that a log has read and still remembers; none where that is not known. */
  note(log: string, marks: readonly Mark[]): void {
    if (marks.length > 0) this.#inodes.note(log, marks);
  }

  /** The file at a log's path is gone. */
  gone(log: string): void {
    this.#inodes.gone(log);
  }

  /** A file is a log, although another log has read it under a rotated name. */
  adopt(path: string): void {
    this.#adopted.add(path);
  }

  isLog(path: string): boolean {
    if (this.#tails.has(path) || this.#isLeft(path)) return true;
    return this.#taker.peek(path) !== undefined && !this.isTaken(path);
  }

  /**
   * Whether a file is a rotated one of a log: it was read under the log's name, its content was, or
   * the log's rotated files are named in the same way.
   */
  isRotatedOf(log: string, path: string): boolean {
    const marks = this.#marks(log);
    const id = identity(path);
    if (id === null || marks.length === 0) return false;
    const base = basename(log);
    const isNamedAlike = marks.some((mark) => {
      const rotation = rotationOf(base, basename(mark.name));
      return rotation !== null && !rotation.appended && dirname(mark.name) === dirname(path);
    });
    return isNamedAlike || marks.some((mark) => sameFile(mark, id) || holds(path, mark));
  }

  /** What another log has read of the file at a path, if anything. */
  readBy(path: string): Mark | undefined {
    const id = identity(path);
    const log = id === null ? undefined : this.#inodes.logOf(id.ino);
    if (id === null || log === undefined || log === path) return undefined;
    return this.#marks(log).find((mark) => sameFile(mark, id));
  }

  /**
   * Whether a file must not be treated as a rotated one of some log: it is a log, or belongs to
   * another one.
   * @param isMine that log has read it
   */
  isOther(path: string, isMine: boolean): boolean {
    if (this.#adopted.has(path) || this.#isOwn(path)) return true;
    if (isMine) return false;
    return this.#tails.has(path) || this.#isLeft(path) || this.readBy(path) !== undefined;
  }

  /** Whether the file at a path was read as the log of this path. */
  #isOwn(path: string): boolean {
    const id = this.#marks(path).length > 0 ? identity(path) : null;
    return id !== null && this.#marks(path).some((mark) => sameFile(mark, id));
  }

  /** Whether the file at a log's path is another log's, which was renamed to it. */
  isTaken(path: string): boolean {
    if (this.#adopted.has(path)) return false;
    if (this.readBy(path) !== undefined) return !this.#isOwn(path);
    const directory = dirname(path);
    return basesOf(basename(path)).some(({ base, appended }) => {
      const log = join(directory, base);
      const isRead = this.#tails.has(log) || this.#isLeft(log);
      return !appended && isRead && this.isRotatedOf(log, path);
    });
  }

  #marks(log: string): readonly Mark[] {
    const tail = this.#tails.get(log);
    if (tail !== undefined && tail.marks().length > 0) return tail.marks();
    const saved = this.#taker.peek(log);
    return (saved && asFilePosition(saved)?.files) ?? [];
  }
}

function identity(path: string): Identity | null {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? null : identityOf(stat);
  } catch {
    return null;
  }
}

function holds(path: string, mark: Mark): boolean {
  const [found] = file(path, 'rotated', null);
  try {
    return found !== undefined && isProof(mark, found) && found.holds(mark);
  } catch {
    return false;
  } finally {
    found?.close();
  }
}
