/** The logs of a soak: numbered refusals, each of a client of its own, and repeats of few clients. */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const REPEATING = 7;

export interface World {
  readonly numbered: string;
  readonly repeats: string;
  /** Writes so many numbered refusals, and a repeat for each fifth of them. */
  write(count: number): void;
  /** How many refusals of each kind were written. */
  written(): { readonly numbered: number; readonly repeats: number };
  /** Rotates both logs, in turn by renaming and by copying. Old ones are compressed, and kept to verify. */
  rotate(): void;
}

/** The client of a numbered refusal. */
export const clientOf = (number: number) =>
  `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;

/** The number of a refusal's client; 0 for none of those. */
export function numberOf(client: string): number {
  const [ten, a, b, c] = client.split('.').map(Number);
  return ten === 10 ? (a! << 16) | (b! << 8) | c! : 0;
}

const line = (daemon: string, pid: number, client: string) =>
  `${new Date().toISOString()} gw ${daemon}[${pid}]: refused connect from ${client} (${client})\n`;

export function newWorld(dir: string): World {
  const [numbered, repeats] = [join(dir, 'auth.log'), join(dir, 'daemon.log')];
  for (const file of [numbered, repeats]) writeFileSync(file, '');
  const counts = { numbered: 0, repeats: 0 };
  let rotations = 0;

  const rotateOne = (file: string) => {
    for (let n = rotations; n > 0; n--)
      for (const end of ['', '.gz']) {
        const name = `${file}.${n}${end}`;
        if (existsSync(name)) renameSync(name, `${file}.${n + 1}${end}`);
      }
    if (existsSync(`${file}.3`)) {
      writeFileSync(`${file}.3.gz`, gzipSync(readFileSync(`${file}.3`)));
      rmSync(`${file}.3`);
    }
    if (rotations % 2 === 0) {
      renameSync(file, `${file}.1`);
      writeFileSync(file, '');
    } else {
      copyFileSync(file, `${file}.1`);
      truncateSync(file, 0);
    }
  };

  return {
    numbered,
    repeats,
    write: (count) => {
      let [single, again] = ['', ''];
      for (const last = counts.numbered + count; counts.numbered < last;) {
        counts.numbered++;
        single += line('sshd', counts.numbered, clientOf(counts.numbered));
        if (counts.numbered % 5 > 0) continue;
        counts.repeats++;
        again += line('in.telnetd', counts.repeats, `192.0.2.${1 + (counts.repeats % REPEATING)}`);
      }
      appendFileSync(numbered, single);
      appendFileSync(repeats, again);
    },
    written: () => ({ ...counts }),
    rotate: () => {
      for (const file of [numbered, repeats]) rotateOne(file);
      rotations++;
    },
  };
}
