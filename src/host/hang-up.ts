import { statSync } from 'node:fs';
import type { Owner } from './owner.ts';

/**
 * Sends an agent SIGHUP, which has it read its configuration and try each monitor now; whether this
 * user may. The agent's user chose the number: it must be that of one process, because 0 and -1 would
 * be the caller's own, and root signals no other user's process because of it.
 */
export function hangUp(pid: number, { uid }: Owner): boolean {
  if (!Number.isInteger(pid) || pid < 1) return false;
  if (process.geteuid?.() === 0 && statSync(`/proc/${pid}`).uid !== uid) return false;
  try {
    return process.kill(pid, 'SIGHUP');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return false;
    throw error;
  }
}
