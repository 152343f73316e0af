/** Debian's NSCA daemon on a free port of loopback, with a sink behind it in place of Nagios. */
import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { NscaSettings } from '../../src/monitor/nsca/config.ts';
import { freePort } from './free-port.ts';
import { program, type Program } from './program.ts';
import { tempDir } from './temp.ts';
import { until } from './until.ts';

export interface Nsca {
  readonly port: number;
  /** Configuration of a monitor that this daemon takes results from. */
  readonly config: NscaSettings;
  /** Commands that came out of the daemon, without their time. */
  readonly commands: () => string[];
  /** Starts the daemon again, on the same port. */
  readonly start: () => Promise<void>;
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
  readonly signal: (signal: NodeJS.Signals) => void;
}

export interface NscaOptions {
  readonly method?: number;
  readonly password?: string;
  readonly mode?: '--daemon' | '--single';
  /** Nagios' command file; without it a sink reads what the daemon writes. */
  readonly commandFile?: string;
  /** More lines of nsca.cfg. */
  readonly settings?: readonly string[];
  /** Command and arguments that run the daemon: with another clock, in a network of its own. */
  readonly run?: readonly string[];
  /** To listen on, other than loopback: in a network of its own. */
  readonly address?: string;
}

const LOOPBACK = '127.0.0.1';

export async function startNsca(t: TestContext, options: NscaOptions = {}): Promise<Nsca> {
  const { method = 1, password = 'secret', mode = '--daemon', settings = [] } = options;
  const { address = LOOPBACK, run = [] } = options;
  const dir = tempDir(t);
  const port = await freePort();
  const commandFile = options.commandFile ?? join(dir, 'commands');
  const read = options.commandFile === undefined ? sink(t, commandFile) : () => [];
  const file = join(dir, 'nsca.cfg');
  const lines = [
    `server_address=${address}`,
    `server_port=${port}`,
    `command_file=${commandFile}`,
    `password=${password}`,
    `decryption_method=${method}`,
    `alternate_dump_file=${join(dir, 'dump')}`,
    ...settings,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  let daemon: Program | undefined;
  const start = async () => {
    const [command, ...args] = [...run, '/usr/sbin/nsca', '-c', file, '-f', mode] as const;
    daemon = program(t, command, args);
    await until('the NSCA daemon', () =>
      address === LOOPBACK ? answers(port) : listens(run, port),
    );
  };
  await start();
  return {
    port,
    config: {
      kind: 'nsca',
      name: `${address}:${port}`,
      host: address,
      port,
      method,
      password: Buffer.from(password),
      outputSize: 4096,
      timeout: 60_000,
      sourceAddress: null,
    },
    commands: () => read().map((line) => line.replace(/^\[\d+\] /, '')),
    start,
    signal: (signal) => void (daemon && process.kill(-daemon.pid, signal)),
    stop: async (signal = 'SIGTERM') => {
      if (daemon === undefined) return;
      process.kill(-daemon.pid, signal);
      await daemon.end();
    },
  };
}

/**
 * A FIFO, read all the time as Nagios reads its command file; gives the lines that came out of it.
 * They go to a file: the daemon drops what a full FIFO has no room for, and this process may be held
 * up.
 */
export function sink(t: TestContext, path: string): () => readonly string[] {
  const { status, stderr } = spawnSync('mkfifo', ['-m', '666', path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mkfifo: ${stderr}`);
  const file = `${path}.read`;
  const fd = openSync(file, 'a+');
  t.after(() => closeSync(fd));
  // Opened for writing too, so that it never sees an end between two of the daemon's writes.
  program(t, 'sh', ['-c', 'exec cat <> "$0"', path], { stdio: ['ignore', fd, 'ignore'] });
  const lines: string[] = [];
  let read = 0;
  return () => {
    const bytes = Buffer.alloc(fstatSync(fd).size - read);
    const end = bytes.lastIndexOf('\n', readSync(fd, bytes, 0, bytes.length, read)) + 1;
    if (end > 0)
      for (const line of bytes.toString('utf8', 0, end - 1).split('\n')) lines.push(line);
    read += end;
    return lines;
  };
}

/** Connects, and leaves after the greeting or after what comes instead of it. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, LOOPBACK);
    socket.once('data', () => socket.end());
    socket.on('error', () => resolve(false)).on('close', () => resolve(true));
  });
}

/** Whether a port is listened on where we cannot connect to. */
function listens([command = '', ...args]: readonly string[], port: number): boolean {
  const ss = spawnSync(command, [...args, 'ss', '-Hltn', `sport = :${port}`], { encoding: 'utf8' });
  return ss.stdout.trim() !== '';
}
