/**
 * Writes the logs of many hosts, one file each, at an even pace; one line in a hundred is a refusal.
 *
 *   node writer.ts DIRECTORY HOSTS LINES SECONDS        LINES a second
 *
 * Prints a line for each tenth of a second: ms since 1970, lines and refusals so far. A few clients
 * are refused by many hosts, as those that search a whole network.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { randomFrom } from '../support/random.ts';
import { hostName } from './agents.ts';

const TICK = 100;
const REFUSED = 100;
/** Clients that are refused everywhere, and of how many refusals one is of such a client. */
const SEARCHERS = 200;
const SEARCHED = 2;

const [directory = '', ...numbers] = process.argv.slice(2);
const [hosts = 0, lines = 0, seconds = 0] = numbers.map(Number);
const random = randomFrom(1);
const files = Array.from({ length: hosts }, (_, host) => {
  mkdirSync(join(directory, hostName(host)), { recursive: true });
  return openSync(join(directory, hostName(host), 'auth.log'), 'a');
});

function write(n: number, at: string): void {
  const host = random(hosts);
  const head = `${at} ${hostName(host)} `;
  if (n % REFUSED > 0) {
    const text = `sshd[${n}]: Accepted publickey for deploy from 192.0.2.${n & 255} port 52144 ssh2: ED25519 SHA256:2Ds1JKkd0a9mLwzJfTz3m2tGq0yX8hV5b1cQ4nR7uEo`;
    writeSync(files[host]!, `${head}${text}\n`);
    return;
  }
  const few = random(SEARCHED) === 0;
  const client = few
    ? `198.18.0.${random(SEARCHERS)}`
    : `10.${random(256)}.${random(256)}.${random(256)}`;
  writeSync(files[host]!, `${head}sshd[${n}]: refused connect from ${client} (${client})\n`);
}

let written = 0;
const began = performance.now();
process.stdout.write(`${Date.now()} 0 0\n`);
for (let now = 0; now < seconds * 1000;) {
  await pause(TICK);
  now = Math.min(performance.now() - began, seconds * 1000);
  const at = new Date().toISOString();
  const due = Math.floor((now / 1000) * lines);
  for (; written < due; written++) write(written, at);
  process.stdout.write(`${Date.now()} ${written} ${Math.ceil(written / REFUSED)}\n`);
}
for (const file of files) closeSync(file);
