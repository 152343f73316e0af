/** The users and groups of this machine, from /etc/passwd and /etc/group. */
import { readFileSync } from 'node:fs';
import type { Owner } from './owner.ts';

/** A user with its groups. */
export interface Account extends Owner {
  readonly name: string;
  readonly groups: readonly number[];
}

/** The user with that name or number; null if there is none. */
export function findAccount(user: string | number): Account | null {
  const column = typeof user === 'number' ? 2 : 0;
  const found = linesOf('/etc/passwd').find((fields) => fields[column] === `${user}`);
  const [name = '', , uid = '', gid = ''] = found ?? [];
  if (!/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return null;
  const groups = linesOf('/etc/group').filter(([, , , members = '']) =>
    members.split(',').includes(name),
  );
  return { name, uid: Number(uid), gid: Number(gid), groups: groups.map(([, , id]) => Number(id)) };
}

/** The name of a user, or the number if it has none. */
export function userName(uid: number): string {
  return nameIn('/etc/passwd', uid);
}

/** The name of a group, or the number if it has none. */
export function groupName(gid: number): string {
  return nameIn('/etc/group', gid);
}

function nameIn(file: string, id: number): string {
  return linesOf(file).find((fields) => fields[2] === `${id}`)?.[0] ?? `${id}`;
}

function linesOf(file: string): string[][] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    return [];
  }
}
