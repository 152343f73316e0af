/** Whether a process is still the same one: process ids are reused. */
import { readFileSync } from 'node:fs';

export interface Owner {
  readonly pid: number;
  /** When it started, in clock ticks since boot; 0 where that is not known. */
  readonly start: number;
}

/** The process that calls this. */
export function thisProcess(): Owner {
  return { pid: process.pid, start: startOf(process.pid) };
}

/** False only where it is certain: a process that may not be inspected counts as alive. */
export function isAlive({ pid, start }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = startOf(pid);
  return now === 0 || now === start;
}

/** proc_pid_stat(5), field 22; the second one is a name with any characters, in parentheses. */
function startOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return 0;
  }
}
