import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { witness } from './evidence.ts';
import { initOf } from './journald.ts';
import { program, type Program } from './program.ts';
import { tempDir } from './temp.ts';
import { until } from './until.ts';

/** A systemd of the test's own, running as PID 1 of its own copy of this machine. */
export interface System {
  /** Runs a program inside, to its end, and gives what it wrote. Throws where it fails. */
  run(command: string, ...args: string[]): string;
  /** As `run`, but gives the exit status. */
  status(command: string, ...args: string[]): number | null;
  program(command: string, ...args: string[]): Program;
  /** Writes a file, with its folders; it belongs to root and all may read it. */
  write(path: string, text: string): void;
  /** A property of a unit, as `systemctl show` has it. */
  property(unit: string, name: string): string;
}

/** Where the checkout and this Node are found inside. */
export const CHECKOUT = '/opt/denywatch';
export const NODE = '/opt/node';

const HERE = new URL('../..', import.meta.url).pathname;

/**
 * The machine's files under an overlay in memory, with no unit enabled, a network of its own, and
 * the kernel's settings out of reach.
 * $1: folder to mount on, $2: the checkout, $3: Node, $4: the machine's root.
 */
const BOOT = `
set -e
mount --make-rprivate /
mount -t tmpfs systemd-test "$1"
cd "$1"
mkdir upper work root
mount -t overlay -o lowerdir="$4",upperdir=upper,workdir=work overlay root
cd root
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
for dir in run dev etc/systemd/system var/log/journal; do
  mount -t tmpfs -o mode=755 tmpfs $dir
done
mount -t tmpfs tmpfs tmp
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /dev/ptmx \
  /dev/fd /dev/stdin /dev/stdout /dev/stderr dev
ln -s /dev/null etc/systemd/system/systemd-modules-load.service
mkdir -p opt/denywatch run/old
mount --bind "$2" opt/denywatch
touch opt/node
mount --bind "$3" opt/node
tr -d - < /proc/sys/kernel/random/uuid > etc/machine-id
pivot_root . run/old
exec chroot . sh -c 'umount -l /run/old; mount --make-rshared /
  exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --unit=basic.target --show-status=no' < /dev/null
`;

/** What has become of a system. */
const STATE =
  'systemctl is-system-running; systemctl --failed --no-pager; journalctl -n 80 --no-pager; true';

export interface BootOptions {
  /** The root of the machine, which stays as it is: another release of Debian's, for example. */
  readonly root?: string;
}

/** Boots a systemd, which takes about a second. Needs root and cgroup2; nothing of it is left. */
export async function boot(t: TestContext, { root = '/' }: BootOptions = {}): Promise<System> {
  const cgroup = join(cgroupRoot(), `denywatch-test-${randomUUID()}`);
  mkdirSync(cgroup);
  const dir = tempDir(t);
  const namespaces = ['mount', 'pid', 'uts', 'ipc', 'net', 'cgroup'].map((name) => `--${name}`);
  // The cgroup must be entered before it becomes the root of the namespace.
  const enterCgroup = `echo $$ > ${cgroup}/cgroup.procs && exec "$@"`;
  const unshare = ['unshare', ...namespaces, '--fork', '--kill-child'];
  const script = ['bash', '-c', BOOT, 'boot', dir, HERE, process.execPath, root];
  let init = 0;
  witness(t, 'the system', () => (init === 0 ? '' : run('sh', '-c', STATE)));
  const outer = program(t, 'bash', ['-c', enterCgroup, 'bash', ...unshare, ...script]);
  // After the hook that kills what is in it.
  t.after(() => until('an empty cgroup', () => removeTree(cgroup)));
  init = await until('a namespace', () => initOf(outer.pid));
  const enter = ['-t', `${init}`, '-a'];
  const status = (...command: string[]) =>
    spawnSync('nsenter', [...enter, ...command], { stdio: 'ignore' }).status;
  const run = (command: string, ...args: string[]) =>
    execFileSync('nsenter', [...enter, command, ...args], { encoding: 'utf8', stdio: 'pipe' });
  await until('systemd to be up', () => {
    if (outer.ended() !== null) throw new Error(`systemd did not boot: ${outer.stderr()}`);
    return status('systemctl', 'is-system-running') === 0;
  });
  return {
    run,
    status,
    program: (command, ...args) => program(t, 'nsenter', [...enter, command, ...args]),
    write: (path, text) => {
      const file = `/proc/${init}/root${path}`;
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    },
    property: (unit, name) => run('systemctl', 'show', '--value', '-p', name, unit).trim(),
  };
}

/** Installs the unit and its users as a package would, to run `command` in place of denywatch. */
export function install(system: System, command: string, dropIn = ''): void {
  const isAgent = command.endsWith(' run');
  const reload = isAgent ? command.replace(/ run$/, ' reload') : '/bin/kill -HUP $MAINPID';
  system.write('/etc/systemd/system/denywatch.service', shipped('service'));
  system.write('/etc/sysusers.d/denywatch.conf', shipped('sysusers'));
  system.write('/etc/tmpfiles.d/denywatch.conf', shipped('tmpfiles'));
  system.write(
    '/etc/systemd/system/denywatch.service.d/test.conf',
    `[Service]\nExecStart=\nExecStart=${command}\nExecReload=\nExecReload=${reload}\n${dropIn}`,
  );
  system.run('systemd-sysusers', '/etc/sysusers.d/denywatch.conf');
  system.run('systemd-tmpfiles', '--create', '/etc/tmpfiles.d/denywatch.conf');
  system.run('systemctl', 'daemon-reload');
}

function shipped(part: string): string {
  return readFileSync(join(HERE, 'systemd', `denywatch.${part}`), 'utf8');
}

function cgroupRoot(): string {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const mount = mounts.map((line) => line.split(' ')).find((fields) => fields[2] === 'cgroup2');
  if (mount?.[1] === undefined) throw new Error('no cgroup2 is mounted here');
  return mount[1];
}

/** Removes a cgroup and those below it; false while processes are in one of them. */
function removeTree(cgroup: string): boolean {
  try {
    for (const entry of readdirSync(cgroup, { withFileTypes: true }))
      if (entry.isDirectory()) removeTree(join(cgroup, entry.name));
    rmdirSync(cgroup);
    return true;
  } catch {
    return false;
  }
}
