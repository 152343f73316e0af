import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { program, type Program } from './program.ts';
import { until } from './until.ts';

/** A systemd-journald of the test's own, with /run, /var/log/journal and /dev/log of its own. */
export interface Journald {
  /** Runs a program inside, to its end, and gives what it wrote. */
  run(command: string, ...args: string[]): string;
  /** Starts a program inside. */
  program(command: string, ...args: string[]): Program;
  /** Sends lines by `logger`, and waits until the journal has them. */
  log(tag: string, ...lines: string[]): void;
  /** Ends journald; another takes its place. */
  restart(): Promise<void>;
  /** As `restart`, under another boot id. */
  reboot(): Promise<void>;
}

/**
 * /dev is replaced because its /dev/log would be the machine's; without kmsg in it, journald leaves
 * the kernel's messages alone. The outer loop starts journald again when it ends.
 */
const SETUP = `
set -e
mount --make-rprivate /
mount -t tmpfs journald-test /run
mount -t tmpfs journald-test /var/log/journal
mkdir -p /run/systemd/journal /run/log/journal /run/dev
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /dev/ptmx \
  /dev/fd /dev/stdin /dev/stdout /dev/stderr /run/dev
mount --bind /run/dev /dev
ln -s /run/systemd/journal/dev-log /dev/log
cp /proc/sys/kernel/random/boot_id /run/boot_id
mount --bind /run/boot_id /proc/sys/kernel/random/boot_id
[ "$1" = persistent ] && touch /run/systemd/journal/flushed
while :; do /lib/systemd/systemd-journald || :; done
`;

/** The only child of a process. */
export function childOf(pid: number): number | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? undefined : Number(children.split(' ')[0]);
}

const namespaceOf = (process: number | 'self') => readlinkSync(`/proc/${process}/ns/pid`);

/** The child of a process that is the first one of another process namespace; not before it is. */
export function initOf(pid: number): number | undefined {
  const child = childOf(pid);
  try {
    return child !== undefined && namespaceOf(child) !== namespaceOf('self') ? child : undefined;
  } catch {
    return undefined; // It has ended.
  }
}

/**
 * Starts systemd-journald in a mount and process namespace, so that nothing of it is left when the
 * test ends. Needs root. With `volatile`, nothing is on disk until `journalctl --flush`.
 */
export async function journald(
  t: TestContext,
  storage: 'persistent' | 'volatile' = 'persistent',
): Promise<Journald> {
  const namespace = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const outer = program(t, 'unshare', [...namespace, 'bash', '-c', SETUP, 'bash', storage]);
  const init = await until('the namespace', () => initOf(outer.pid));
  const enter = ['-t', `${init}`, '-m', '-p'];
  const run = (command: string, ...args: string[]) =>
    execFileSync('nsenter', [...enter, command, ...args], { encoding: 'utf8', stdio: 'pipe' });
  /** The socket that journald binds last, distinguished from one that an earlier journald left. */
  const socket = () =>
    statSync(`/proc/${init}/root/run/systemd/journal/io.systemd.journal`, { throwIfNoEntry: false })
      ?.ino;
  await until('journald', socket);
  const restart = async () => {
    const before = socket();
    run('kill', run('pidof', 'systemd-journald').trim());
    await until('a new journald', () => ![undefined, before].includes(socket()));
  };
  return {
    run,
    program: (command, ...args) => program(t, 'nsenter', [...enter, command, ...args]),
    log: (tag, ...lines) => {
      const input = lines.map((line) => `${line}\n`).join('');
      execFileSync('nsenter', [...enter, 'logger', '-t', tag], { input });
      run('journalctl', '--sync');
    },
    restart,
    reboot: async () => {
      writeFileSync(`/proc/${init}/root/run/boot_id`, `${randomUUID()}\n`);
      await restart();
    },
  };
}
