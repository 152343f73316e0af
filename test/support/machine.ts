/**
 * A machine guarded by TCP wrappers, as far as a refused connection needs one: /etc/hosts.deny,
 * syslog, sshd and inetd, each Debian's own, in a mount and process namespace of the test's.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freePort } from './free-port.ts';
import { program } from './program.ts';
import { until } from './until.ts';

/** Where the machine's services listen, and what they write. */
export interface Machine {
  readonly log: string;
  readonly sshd: number;
  /** Ports of what inetd guards with tcpd, by the daemon's name. */
  readonly guarded: ReadonlyMap<string, number>;
  /** Connects from an address of 127.0.0.0/8; tcpd keeps a refused client for some seconds. */
  connect(port: number, from: string): Promise<void>;
}

const RSYSLOG = (dir: string) => `
module(load="imuxsock" SysSock.Name="${dir}/dev-log" SysSock.RateLimit.Interval="0")
*.* action(type="omfile" file="${dir}/syslog" template="RSYSLOG_FileFormat" flushOnTXEnd="on")
`;

/**
 * Starts the machine in `dir` with these rules in its hosts.deny.
 * @param daemons guarded by tcpd: those that are always refused need not be installed
 */
export async function machine(
  t: TestContext,
  dir: string,
  hostsDeny: string,
  daemons: readonly string[] = ['in.telnetd'],
): Promise<Machine> {
  const sshd = await freePort();
  const guarded = new Map<string, number>();
  for (const daemon of daemons) guarded.set(daemon, await freePort());
  mkdirSync(join(dir, 'sshd'));
  writeFileSync(join(dir, 'hosts.deny'), hostsDeny);
  writeFileSync(join(dir, 'hosts.allow'), '');
  writeFileSync(join(dir, 'rsyslog.conf'), RSYSLOG(dir));
  const services = [...guarded].map(
    ([daemon, port]) =>
      `127.0.0.1:${port} stream tcp nowait root /usr/sbin/tcpd /usr/sbin/${daemon}\n`,
  );
  writeFileSync(join(dir, 'inetd.conf'), services.join(''));
  const key = join(dir, 'sshd', 'key');
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  writeFileSync(
    join(dir, 'sshd_config'),
    `Port ${sshd}\nListenAddress 127.0.0.1\nHostKey ${key}\nPidFile ${dir}/sshd/pid\nUsePAM no\n`,
  );
  const log = join(dir, 'syslog');
  program(t, 'unshare', [
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    'bash',
    '-ec',
    `
    mount --make-rprivate /
    mount --bind ${dir}/hosts.deny /etc/hosts.deny
    mount --bind ${dir}/hosts.allow /etc/hosts.allow
    mount -t tmpfs tmpfs /run
    mkdir /run/sshd ${dir}/dev
    mount -t tmpfs tmpfs ${dir}/dev
    for name in null zero full random urandom tty; do
      touch ${dir}/dev/$name
      mount --bind /dev/$name ${dir}/dev/$name
    done
    ln -s ${dir}/dev-log ${dir}/dev/log
    mount --rbind ${dir}/dev /dev
    rsyslogd -n -f ${dir}/rsyslog.conf -i ${dir}/rsyslog.pid &
    while [ ! -S ${dir}/dev-log ]; do sleep 0.05; done
    inetd -i ${dir}/inetd.conf &
    /usr/sbin/sshd -D -f ${dir}/sshd_config &
    wait`,
  ]);
  await until('sshd', () => listening(sshd));
  await until('inetd', () => [...guarded.values()].every(listening));
  return {
    log,
    sshd,
    guarded,
    connect: async (port, from) => {
      const socket = connect({ port, host: '127.0.0.1', localAddress: from });
      socket.on('error', () => {}).resume();
      t.after(() => socket.destroy());
      await once(socket, 'connect');
    },
  };
}

/** Whether a port is listened on, without connecting to it: that would be one more refusal. */
function listening(port: number): boolean {
  const { stdout } = spawnSync('ss', ['-Hltn', `sport = :${port}`], { encoding: 'utf8' });
  return stdout.trim() !== '';
}
