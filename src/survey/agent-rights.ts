/**
 * Finds files that root can read and the agent's user cannot: tries them with the rights of that
 * user and its groups, when root runs `check`.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { findAccount, groupName, type Account } from '../host/account.ts';
import { actAs, ownerOf } from '../host/owner.ts';
import type { Barred } from '../source/kind.ts';
import { barredIn, type SourceConfig } from '../source/kinds.ts';
import type { FindingKind } from '../text/finding.ts';
import { plural } from '../text/amounts.ts';
import { shellWord } from '../text/shell.ts';

/** The user of the unit. */
const USUAL = 'denywatch';
/** The group that may read the journal. */
const JOURNAL_GROUP = 'systemd-journal';
/** Most logs that are listed one by one. */
const MOST = 20;

interface RightsFinding {
  readonly kind: FindingKind;
  readonly key: string;
  readonly text: string;
}

/** What the agent reads. */
export interface AgentReads {
  /** The configuration and the files that it names. */
  readonly files: readonly string[];
  readonly sources: readonly SourceConfig[];
}

/**
 * The user that the agent runs as: the owner of the queue's directory, or the user of the unit.
 * Null if there is no such user.
 */
export function agentUser(queuePath: string): Account | null {
  const { uid } = ownerOf(queuePath);
  const account = findAccount(uid === 0 ? USUAL : uid);
  return account?.uid === 0 ? null : account;
}

/**
 * Whether a user may write to a file or directory. Another process asks the kernel, which knows all
 * that guards it: access(2) asks for the real user, who is root here.
 */
export function mayWrite({ uid, gid, groups }: Account, path: string): boolean {
  const memberships = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`;
  const identity = [`--reuid=${uid}`, `--regid=${gid}`, memberships];
  return spawnSync('setpriv', [...identity, 'test', '-w', path]).status !== 1;
}

/** One finding for each file that root can read and the user cannot, with the commands to run. */
export function cannotRead(user: Account, { files, sources }: AgentReads): RightsFinding[] {
  const secrets = files.filter((path) => canOpen(path) && !actAs(user, () => canOpen(path)));
  const logs = new Map<string, Barred>();
  for (const source of sources) {
    const forAll = new Set(barredIn(source).map(({ stream }) => stream));
    for (const it of actAs(user, () => barredIn(source)))
      if (!forAll.has(it.stream)) logs.set(it.stream, it);
  }
  const shown = [...logs.values()].slice(0, MOST);
  const more = logs.size - shown.length;
  const finding = (key: string, commands: readonly string[]): RightsFinding => ({
    kind: 'problem',
    key,
    text: `the agent's user ${user.name} cannot read it; run: ${commands.join(' && ')}`,
  });
  return [
    ...secrets.map((path) => finding(path, waysTo(path, user, secretGrant))),
    ...shown.map((log) => finding(log.stream, logGrants(log, user))),
    ...(more === 0 ? [] : [others(more, user)]),
  ];
}

function others(count: number, { name }: Account): RightsFinding {
  const text = `the agent's user ${name} cannot read ${plural(count, 'other log')} either`;
  return { kind: 'problem', key: 'sources', text };
}

/** Opens the file instead of checking its mode: nothing else tests all that guards it. */
function canOpen(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}

function logGrants({ path, isTree }: Barred, user: Account): string[] {
  if (path === null) return [joins(JOURNAL_GROUP, user)];
  return waysTo(path, user, (found, file) => {
    const { mode, gid } = found;
    if (isTree) return [listed(user, `rX,d:u:${user.name}:rX`, `-R ${file}`)];
    if (found.isDirectory()) return [listed(user, 'rx', file)];
    const isGroups = gid !== 0 && (mode & 0o040) !== 0 && !user.groups.includes(gid);
    return isGroups ? [joins(groupName(gid), user)] : secretGrant(found, file, user);
  });
}

/** Not by joining its group, whose members can read all files of the group. */
function secretGrant({ gid }: Stats, file: string, user: Account): string[] {
  if (gid === 0) return [`chgrp ${groupName(user.gid)} ${file}`, `chmod g+r ${file}`];
  return [listed(user, 'r', file)];
}

/** The commands that give access to a path, and to the directories on the way to it. */
function waysTo(
  path: string,
  user: Account,
  grant: (found: Stats, file: string, user: Account) => string[],
): string[] {
  const shut = shutDirectories(path, user);
  const found = statSync(path, { throwIfNoEntry: false });
  const ways = shut.length === 0 ? [] : [listed(user, 'x', shut.map(shellWord).join(' '))];
  // Nothing can be tried beyond a directory that the user may not enter.
  const isOpen = found === undefined || (shut.length > 0 && (found.mode & 0o004) !== 0);
  return isOpen ? ways : [...ways, ...grant(found, shellWord(path), user)];
}

function joins(group: string, user: Account): string {
  return `usermod -aG ${group} ${user.name}`;
}

/** Adds the user to the access control lists of files. */
function listed({ name }: Account, rights: string, files: string): string {
  return `setfacl -m u:${name}:${rights} ${files}`;
}

/**
 * The directories on the way to a path that the user may not enter. Beyond the first one nothing
 * can be tried, so only the mode is checked there.
 */
function shutDirectories(path: string, user: Account): string[] {
  const shut: string[] = [];
  for (const directory of ancestorsOf(path)) {
    const passes =
      shut.length === 0
        ? actAs(user, () => canPass(directory))
        : (statSync(directory).mode & 0o001) !== 0;
    if (!passes) shut.push(directory);
  }
  return shut;
}

function canPass(directory: string): boolean {
  try {
    statSync(`${directory}/.`);
    return true;
  } catch {
    return false;
  }
}

/** The directories above a path, from the root down. */
function ancestorsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...ancestorsOf(parent), parent];
}
