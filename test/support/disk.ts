/** Disks that are full, or fail: in a mount namespace of the test's, and by strace. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { program } from './program.ts';
import { until } from './until.ts';

export interface SmallDisk {
  /** Command and arguments that run a program which sees the disk. */
  readonly run: readonly string[];
  /** The directory as processes outside of the namespace reach it. */
  readonly seen: string;
  /** Mounts it again with these options: `size=1m`, `ro`. */
  readonly remount: (options: string) => void;
}

/** Mounts a file system of its own at `path`, which only programs run by `run` see. */
export async function smallDisk(t: TestContext, path: string, size: string): Promise<SmallDisk> {
  mkdirSync(path);
  const mount = `mount -t tmpfs -o size=${size} tmpfs "$0" && exec sleep infinity`;
  const { pid } = program(t, 'unshare', ['--mount', 'sh', '-c', mount, path]);
  await until('the mount', () =>
    readFileSync(`/proc/${pid}/mounts`, 'utf8').includes(`tmpfs ${path} `),
  );
  const run = ['nsenter', '--target', `${pid}`, '--mount'];
  return {
    run,
    seen: `/proc/${pid}/root${path}`,
    remount: (options) => {
      const [command, ...args] = [...run, 'mount', '-o', `remount,${options}`, path] as const;
      const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`remount,${options}: ${stderr}`);
    },
  };
}

/** Fills the disk to its last byte with a file. */
export function fill({ seen }: SmallDisk): void {
  try {
    for (let n = 0; ; n++) writeFileSync(`${seen}/filled.${n}`, Buffer.alloc(4096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

const WRITES = 'pwrite64,fsync,fdatasync,ftruncate,fallocate';

/**
 * Has what a process does to its disks fail: all of it (EIO), or writing (EROFS).
 * @returns a function that ends the fault
 */
export async function failDisks(
  t: TestContext,
  pid: number,
  error: 'EIO' | 'EROFS',
): Promise<() => Promise<void>> {
  const calls = error === 'EIO' ? `pread64,${WRITES}` : WRITES;
  const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`];
  const strace = program(t, 'strace', ['-f', '-qq', '-p', `${pid}`, ...inject, '-o', '/dev/null']);
  const traced = () =>
    /^TracerPid:\t[1-9]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')) ||
    strace.ended() !== null;
  await until('strace', traced);
  return async () => {
    strace.kill('SIGINT');
    await strace.end();
  };
}
