/** Big logs for the benches, the same ones in each run. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { FORMATS } from '../../src/parse/formats.ts';
import { messages } from './messages.ts';
import { mixed, type Mixture } from './mixtures.ts';

export const MB = 1_000_000;
const START = Date.UTC(2026, 10, 22);
/** Between two lines, ms. */
const STEP = 43;

/**
 * What each line of a refusal has one of, as `grep -F` looks for it; without those that begin with
 * a control character, which no argument can have.
 */
export const NEEDLES = [...new Set(FORMATS.flatMap((format) => format.needles))].filter(
  (needle) => needle.charCodeAt(0) >= 0x20,
);

export interface Log {
  readonly refusals: number;
  readonly bytes: number;
  /** How long the file is after each million lines, bytes. */
  readonly millions: readonly number[];
}

/**
 * Writes an auth.log as Debian's rsyslog writes it.
 * @param length bytes, or lines
 * @param every each so many lines there is a refusal
 */
export function writeLog(
  path: string,
  length: { readonly bytes: number } | { readonly lines: number },
  every = 1000,
): Log {
  const most = { bytes: Infinity, lines: Infinity, ...length };
  const millions: number[] = [];
  const fd = openSync(path, 'w');
  const source = messages(2, every);
  let [lines, bytes, refusals] = [0, 0, 0];
  while (bytes < most.bytes && lines < most.lines) {
    let block = '';
    while (block.length < MB && lines < most.lines) {
      const { program, pid, text, isRefusal } = source.next().value;
      const time = new Date(START + STEP * ++lines).toISOString().replace('Z', '000+00:00');
      block += `${time} firestorm ${program}[${pid}]: ${text}\n`;
      if (isRefusal) refusals++;
      if (lines % 1_000_000 === 0) millions.push(bytes + block.length);
    }
    bytes += writeSync(fd, block);
  }
  closeSync(fd);
  return { refusals, bytes, millions };
}

/** Writes at least so many bytes of a mixture; returns how many. */
export function writeMixture(path: string, mixture: Mixture, least: number): number {
  const fd = openSync(path, 'w');
  let [bytes, block] = [0, ''];
  for (const line of mixed(mixture)) {
    block += `${line}\n`;
    if (block.length < MB) continue;
    bytes += writeSync(fd, block);
    block = '';
    if (bytes >= least) break;
  }
  closeSync(fd);
  return bytes;
}
