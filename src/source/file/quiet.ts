/**
 * A log that does not change: what is kept of it, and how a first start makes a log quiet at once.
 */
import { statSync } from 'node:fs';
import { Chain } from './chain.ts';
import { listFiles } from './found.ts';
import {
  asStamp,
  stampAt,
  identityOf,
  sameFile,
  type FilePosition,
  type Stamp,
} from './position.ts';

/** How a file looks if it was read to the end of its position; null where there is more to read. */
export function isAtEnd(path: string, { files }: FilePosition): Stamp | null {
  const last = files.at(-1);
  if (last === undefined || last.done || files.slice(0, -1).some(({ done }) => !done)) return null;
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || !sameFile(identityOf(stat), last) || last.name !== path) return null;
  return Number(stat.size) === last.offset ? asStamp(stat) : null;
}

export interface Begun {
  readonly position: FilePosition;
  readonly stamp: Stamp;
}

/** The position of a first start at a log's end; null where a tail has to find out. */
export function beginAtEnd(
  path: string,
  maxLine: number,
  isOther: (path: string) => boolean,
): Begun | null {
  const stamp = stampAt(path);
  if (stamp === null) return null;
  const chain = new Chain();
  const listing = listFiles({ path, known: [], isOther });
  try {
    chain.begin(listing.files, 'end', maxLine);
    const isOpen = chain.last?.isReadable === true && listing.target === path;
    return isOpen ? { position: chain.position(), stamp } : null;
  } catch {
    return null;
  } finally {
    for (const file of listing.files) file.close();
    for (const segment of chain.segments) void segment.close();
  }
}
