import { findAccount } from '../../host/account.ts';
import type { Owner } from '../../host/owner.ts';

/**
 * If this is root, it becomes the owner of the queue's directory for good: the agent's user may not
 * be able to read the password, or to write to Nagios, where root is.
 */
export function becomeOwner({ uid, gid }: Owner): void {
  if (process.geteuid?.() !== 0 || uid === 0) return;
  const account = findAccount(uid) ?? { gid, groups: [] };
  process.setgroups!([account.gid, ...account.groups]);
  process.setgid!(account.gid);
  process.setuid!(uid);
}
