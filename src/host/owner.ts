/** Who owns a directory, and acting with that user's rights. */
import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
  /** The other groups, if any are known. */
  readonly groups?: readonly number[];
}

/** Most symbolic links that the kernel follows. */
const LINKS = 40;

/**
 * Who may put files in the directory of `path`: its owner, or if that is root, the first other
 * owner of a directory or link on the way to it. If the directory is missing, the last one that
 * exists counts.
 * @throws the error of the file system
 */
export function ownerOf(path: string): Owner {
  const parts = partsOf(dirname(resolve(path)));
  let at = '/';
  let owner: Owner = lstatSync(at);
  let other: Owner | null = null;
  for (let links = 0; parts.length > 0;) {
    const next = join(at, parts.shift()!);
    const found = lstatSync(next, { throwIfNoEntry: false });
    if (found === undefined) break;
    if (found.uid !== 0) other ??= found;
    if (!found.isSymbolicLink()) {
      at = next;
      owner = found;
      continue;
    }
    if (++links > LINKS) throw new Error(`too many symbolic links on the way to ${path}`);
    const target = readlinkSync(next);
    if (isAbsolute(target)) at = '/';
    parts.unshift(...partsOf(target));
  }
  const { uid, gid } = owner.uid === 0 ? (other ?? owner) : owner;
  return { uid, gid };
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

/**
 * If this is root, does `work` with the rights of an owner and no others: a link that this user has
 * put in the way, for instance, then leads no further than the user could get alone. Other users do
 * it with their own rights.
 */
export function actAs<T>({ uid, gid, groups: others = [] }: Owner, work: () => T): T {
  if (process.geteuid?.() !== 0 || uid === 0) return work();
  const groups = process.getgroups!();
  const group = process.getegid!();
  process.setgroups!([gid, ...others]);
  process.setegid!(gid);
  process.seteuid!(uid);
  try {
    return work();
  } finally {
    process.seteuid!(0);
    process.setegid!(group);
    process.setgroups!(groups);
  }
}
