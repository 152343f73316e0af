/** Debian's gearmand, and workers of the queue check_results that are not of our making. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { GearmanSettings } from '../../src/monitor/gearman/config.ts';
import { keyFrom } from '../../src/monitor/gearman/key.ts';
import { freePort } from './free-port.ts';
import { program, type Program } from './program.ts';
import { tempDir } from './temp.ts';
import { until } from './until.ts';

export interface Gearmand {
  readonly port: number;
  /** Settings of a monitor for this one, with KEY. */
  readonly settings: GearmanSettings;
  /** Jobs that wait in check_results. */
  waiting(): Promise<number>;
  /** Drops all of them. */
  drop(): Promise<void>;
  /** Takes the next job out of the queue, as it is. */
  take(): Promise<string>;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export const KEY = 'a key of the module';

export function gearmanSettings(...ports: number[]): GearmanSettings {
  const servers = ports.map((port) => ({ host: '127.0.0.1', port }));
  return {
    kind: 'gearman',
    name: 'gearmand',
    ...servers[0]!,
    servers,
    timeout: 60_000,
    sourceAddress: null,
    key: keyFrom(Buffer.from(KEY)),
  };
}

/** @param options of gearmand, more than address and port */
export async function startGearmand(t: TestContext, ...options: string[]): Promise<Gearmand> {
  const port = await freePort();
  let gearmand: Program;
  const start = async () => {
    const args = ['--listen=127.0.0.1', `--port=${port}`, '--log-file=stderr', ...options];
    gearmand = program(t, '/usr/sbin/gearmand', args);
    await until('gearmand', () => answers(port));
  };
  await start();
  return {
    port,
    settings: gearmanSettings(port),
    start,
    async waiting() {
      const run = program(t, 'gearadmin', ['-h', '127.0.0.1', '-p', `${port}`, '--status']);
      await run.end();
      return Number(/^check_results\t(\d+)/m.exec(run.stdout())?.[1] ?? 0);
    },
    async drop() {
      gearmand.kill('SIGKILL');
      await gearmand.end();
      await start();
    },
    async take() {
      const args = ['-h', '127.0.0.1', '-p', `${port}`, '-w', '-c', '1', '-f', 'check_results'];
      const dir = tempDir(t);
      const run = program(t, 'gearman', [...args, '--', 'tee', join(dir, 'job')]);
      await run.end();
      return readFileSync(join(dir, 'job'), 'utf8');
    },
    async stop(signal = 'SIGKILL') {
      gearmand.kill(signal);
      await gearmand.end();
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

export interface Worker {
  /** What it took, each decrypted by openssl, in order. */
  results(): string[];
  stop(): Promise<void>;
}

/**
 * A worker as Mod-Gearman's module is one: it fails where what it got cannot be decrypted to a result
 * with KEY. One that does not `judge` decrypts nothing before it is asked, and is quicker.
 */
export function startWorker(
  t: TestContext,
  { port }: { port: number },
  { judges } = { judges: true },
): Worker {
  const dir = tempDir(t);
  const [script, taken] = [join(dir, 'worker'), join(dir, 'taken')];
  writeFileSync(
    script,
    `#!/bin/sh
read -r job
printf '%s\\n' "$job" >> ${taken}
${judges ? '' : 'exit 0'}
printf '%s\\n' "$job" | openssl enc -d -A -a -aes-256-ecb -nopad -K ${hex(KEY)} 2>/dev/null | tr -d '\\000' | grep -q '^host_name='
`,
    { mode: 0o755 },
  );
  const worker = program(t, 'gearman', [
    '-h',
    '127.0.0.1',
    '-p',
    `${port}`,
    '-w',
    '-f',
    'check_results',
    script,
  ]);
  return {
    results() {
      if (!existsSync(taken)) return [];
      const jobs = readFileSync(taken, 'utf8').split('\n').slice(0, -1);
      // Each job is whole blocks with zeros at its end, so that all can be decrypted in one go.
      const input = Buffer.concat(jobs.map((job) => Buffer.from(job, 'base64')));
      const args = ['enc', '-d', '-aes-256-ecb', '-nopad', '-K', hex(KEY)];
      const text = execFileSync('openssl', args, { input, maxBuffer: 1 << 28 }).toString();
      return text.split(/\0+/).filter((one) => one !== '');
    },
    async stop() {
      worker.kill('SIGKILL');
      await worker.end();
    },
  };
}

/** The key as openssl wants it: 32 bytes. */
function hex(key: string): string {
  return Buffer.from(key).toString('hex').slice(0, 64).padEnd(64, '0');
}

/** Outputs of such results. */
export function outputsIn(results: readonly string[]): string[] {
  return results.map((result) => /^output=(.*)$/m.exec(result)?.[1] ?? `none in ${result}`);
}
