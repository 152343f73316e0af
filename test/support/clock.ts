/** Programs whose clock is another one, by libfaketime. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

/** Command and arguments that run a program whose clock is off by `offset`: `+31s`, `-1y`. */
export const clockOff = (offset: string): string[] => [
  'env',
  `LD_PRELOAD=${LIBRARY}`,
  `FAKETIME=${offset}`,
  'FAKETIME_DONT_FAKE_MONOTONIC=1',
];

export interface SetClock {
  readonly run: readonly string[];
  /** Sets the clock of the running program: off by this. */
  readonly set: (offset: string) => void;
}

/** @param monotonic whether the clock that nobody sets jumps too, as a debugger or a hypervisor does */
export function clockToSet(dir: string, monotonic = false): SetClock {
  const file = join(dir, 'clock');
  const set = (offset: string) => writeFileSync(file, `${offset}\n`);
  set('+0');
  const env = [
    `LD_PRELOAD=${LIBRARY}`,
    `FAKETIME_TIMESTAMP_FILE=${file}`,
    'FAKETIME_NO_CACHE=1',
    `FAKETIME_DONT_FAKE_MONOTONIC=${monotonic ? 0 : 1}`,
  ];
  return { run: ['env', ...env], set };
}
