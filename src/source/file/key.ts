/** Telling cheaply whether files around a path were created, renamed or deleted. */
import { statSync, type BigIntStats } from 'node:fs';
import { dirname } from 'node:path';

/** A directory changed so lately, ms, that its time stamp may not tell a next change from this one. */
const TICK = 50;

/** A text that is another one when the path leads to another file, or its directories changed. */
export function keyOf(path: string, target: string): string {
  const file = part(path, ({ dev, ino, birthtimeNs }) => `${dev} ${ino} ${birthtimeNs}`);
  const around = directories(path, target).map((directory) =>
    part(directory, ({ dev, ino, mtimeNs }) => `${dev} ${ino} ${mtimeNs}`),
  );
  return [file, ...around].join('\n');
}

/** Whether a change from now on may leave the key as it is. */
export function changedLately(path: string, target: string): boolean {
  return directories(path, target).some((directory) => {
    const stat = statSync(directory, { throwIfNoEntry: false });
    return stat !== undefined && Date.now() - stat.mtimeMs < TICK;
  });
}

/** The path's directory, and that of the file that it leads to. */
function directories(path: string, target: string): string[] {
  return [...new Set([dirname(path), dirname(target)])];
}

function part(path: string, of: (stat: BigIntStats) => string): string {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? 'missing' : of(stat);
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
