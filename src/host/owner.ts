/** Whose a directory is, and acting with that user's rights. */
import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
  /** The other groups; none where it is not there. */
  readonly groups?: readonly number[];
}

/** The kernel follows no more symbolic links than this. */
const LINKS = 40;

/**
 * Who may put files in the directory of `path`: its owner, or where that is root, the first owner of
 * a directory or link on the way to it who is another one. The directory may be missing: then it is
 * the same of the last one that is there.
 * @throws what the file system says
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
 * Does `work` with the rights of an owner and no others, where this is root: what that user has put
 * in the way, a link for instance, then leads no further than that user gets alone. Who is not root
 * does it as it is.
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
