import { readFileSync } from 'node:fs';

/** Clock ticks in a second, as the kernel reports them to programs. */
const TICKS = 100;

/** Seconds of processor time that a process has used so far (proc(5): utime and stime). */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
