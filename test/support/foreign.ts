/** Programs for arm64, run by qemu-user in namespaces of the test's own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TestContext } from 'node:test';
import { childOf } from './journald.ts';
import { program } from './program.ts';
import { CHECKOUT } from './systemd.ts';
import { tempDir } from './temp.ts';
import { until } from './until.ts';

const HERE = new URL('../..', import.meta.url).pathname;

/** The first bytes of a program for arm64, and those of their bits that count, as qemu-user has them. */
const MAGIC = String.raw`\x7fELF\x02\x01\x01${String.raw`\x00`.repeat(9)}\x02\x00\xb7\x00`;
const MASK = String.raw`${String.raw`\xff`.repeat(7)}\x00${String.raw`\xff`.repeat(8)}\xfe\xff\xff\xff`;
const HANDLER = `:arm64:M::${MAGIC}:${MASK}:/usr/bin/qemu-aarch64-static:F`;

/**
 * Runs a command ("$@") as root of a user namespace whose programs for arm64 the kernel gives to qemu,
 * whatever the machine has registered. Since Linux 6.7 each user namespace has a register of its own.
 * Needs root, bash and Debian's qemu-user-static.
 */
export const AS_ARM64 = `
unshare --user --mount --pid --fork --kill-child bash -c '
  # Root has its rights only in a program that starts after the users are there.
  until [ "$(id -u)" = 0 ]; do sleep 0.01; done
  exec bash -ec "$0" bash "$@"' '
  mount -t proc proc /proc
  mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
  echo "${HANDLER}" > /proc/sys/fs/binfmt_misc/register
  exec "$@"' "$@" &
for map in gid_map uid_map; do
  until echo 0 0 65536 > /proc/$!/$map; do
    [ -e /proc/$! ] || break
    sleep 0.01
  done 2> /dev/null
done
wait $!
`;

/**
 * The root $2 under an overlay in memory, mounted in $1, with the checkout $3. The first process does
 * nothing: there is no systemd.
 */
const BOOT = `
set -e
mount -t tmpfs arm64-test "$1"
cd "$1"
mkdir upper work root
mount -t overlay -o lowerdir="$2",upperdir=upper,workdir=work,userxattr overlay root
cd root
mount -t proc proc proc
# The register is gone when nothing mounts it any more.
mount -t binfmt_misc binfmt_misc proc/sys/fs/binfmt_misc
for name in null zero random urandom; do
  [ -e dev/$name ] || touch dev/$name
  mount --bind /dev/$name dev/$name
done
mkdir -p .${CHECKOUT} run/old
mount --rbind "$3" .${CHECKOUT}
pivot_root . run/old
exec chroot . sh -c 'umount -l /run/old; echo up
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sleep infinity'
`;

/** A machine for arm64, without systemd. */
export interface Foreign {
  /** Runs a program inside, to its end, and gives what it wrote. Throws where it fails. */
  run(command: string, ...args: string[]): string;
  /** Writes a file, with its folders; it belongs to root and all may read it. */
  write(path: string, text: string): void;
}

/** Starts the machine on a root for arm64, which stays as it is. Nothing of it is left. */
export async function startForeign(t: TestContext, root: string): Promise<Foreign> {
  const boot = ['bash', '-c', BOOT, 'boot', tempDir(t), root, HERE];
  const outer = program(t, 'bash', ['-c', AS_ARM64, 'as-arm64', ...boot]);
  await until('the machine', () => {
    if (outer.ended() !== null) throw new Error(`it did not start: ${outer.stderr()}`);
    return outer.stdout().includes('up');
  });
  const init = childOf(childOf(outer.pid)!)!;
  const enter = ['-t', `${init}`, '-U', '-m', '-p', '-r', '-w'];
  return {
    run: (command, ...args) =>
      execFileSync('nsenter', [...enter, command, ...args], { encoding: 'utf8', stdio: 'pipe' }),
    write: (path, text) => {
      const file = `/proc/${init}/root${path}`;
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    },
  };
}
