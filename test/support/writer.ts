/**
 * Writes numbered refusals to a log and rotates it, as a process of its own.
 *
 *   node writer.ts PATH MODES [LINES [RATE [EVERY]]]
 *
 * MODES: `create` (rename, create), `late` (goes on writing to the renamed file for 20 ms),
 * `copytruncate`, `truncburst` (copied, truncated, and grown past its old size in one write),
 * `double` (rotated twice at once), `dated` (named after a moment), `olddir` (moved into a directory
 * beside), `xz` (compressed at once), `longer` (replaced by a longer copy, as rsync does), or several
 * with commas between them, taking turns.
 * LINES at RATE a second, rotated each EVERY ms. Prints the number of lines at the end.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

const [path = '', modes = 'create', lines = '200000', rate = '20000', every = '200'] =
  process.argv.slice(2);
const LATE = 20;

let fd = openSync(path, 'a');
let number = 0;
/** Numbered files. All are kept: on a busy machine a reader may be behind by any number of them. */
let numbered = 0;

function write(count: number): void {
  let text = '';
  for (const last = number + count; number < last;) {
    text += `Nov 22 21:56:43 gw sshd[${++number}]: refused connect from 192.0.2.1 (192.0.2.1)\n`;
  }
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

function shift(): void {
  for (let n = numbered++; n > 0; n--) {
    for (const packed of ['', '.xz'])
      if (existsSync(`${path}.${n}${packed}`))
        renameSync(`${path}.${n}${packed}`, `${path}.${n + 1}${packed}`);
  }
}

function create(): void {
  shift();
  moveTo(`${path}.1`);
}

/** Moves the log away and opens a new one. */
function moveTo(name: string): void {
  renameSync(path, name);
  const next = openSync(path, 'a');
  closeSync(fd);
  fd = next;
}

function copyTruncate(): void {
  shift();
  copyFileSync(path, `${path}.1`);
  ftruncateSync(fd, 0);
}

/** A name of the day and a moment, as by logrotate's dateformat; each comes once. */
function dated(): string {
  const moment = new Date(Date.UTC(2026, 10, 22) + number * 1000).toISOString();
  return `${path}-${moment.slice(0, 19).replaceAll(/[-:]/g, '')}+0000`;
}

const rotate: Record<string, () => void> = {
  create,
  late: () => {
    shift();
    renameSync(path, `${path}.1`);
    const next = openSync(path, 'a');
    for (const end = performance.now() + LATE; performance.now() < end; sleep(1)) write(20);
    closeSync(fd);
    fd = next;
  },
  copytruncate: copyTruncate,
  truncburst: () => {
    const { size } = fstatSync(fd);
    copyTruncate();
    write(Math.ceil(size / 70) + 10);
  },
  dated: () => moveTo(dated()),
  olddir: () => {
    const directory = join(dirname(path), 'old');
    mkdirSync(directory, { recursive: true });
    moveTo(join(directory, basename(dated())));
  },
  xz: () => {
    create();
    execFileSync('xz', ['-0', `${path}.1`]);
  },
  longer: () => {
    const copy = join(dirname(path), '.copy');
    copyFileSync(path, copy);
    closeSync(fd);
    fd = openSync(copy, 'a');
    write(50);
    renameSync(copy, path);
  },
  double: () => {
    create();
    write(50);
    create();
  },
};

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const turns = modes.split(',');
const begin = performance.now();
let rotateAt = begin + Number(every);
for (let turn = 0; number < Number(lines); sleep(1)) {
  const now = performance.now();
  const due = Math.floor(((now - begin) / 1000) * Number(rate)) - number;
  if (due > 0) write(Math.min(due, 2_000, Number(lines) - number));
  if (now < rotateAt) continue;
  rotate[turns[turn++ % turns.length]!]!();
  rotateAt += Number(every);
}
process.stdout.write(`${number}\n`);
