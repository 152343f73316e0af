import { existsSync } from 'node:fs';

/** A program of each Debian package that the tests use. */
export const NEEDED = {
  nsca: '/usr/sbin/nsca',
  'nsca-client': '/usr/sbin/send_nsca',
  'nsca-ng-server': '/usr/sbin/nsca-ng',
  'nagios4-core': '/usr/sbin/nagios4',
  acl: '/usr/bin/setfacl',
  'gearman-job-server': '/usr/sbin/gearmand',
  'gearman-tools': '/usr/bin/gearman',
  tcpd: '/usr/sbin/tcpd',
  'icinga2-bin': '/usr/sbin/icinga2',
  'icinga2-common': '/etc/icinga2/conf.d/commands.conf',
  openssl: '/usr/bin/openssl',
  'openssh-server': '/usr/sbin/sshd',
  'openssh-client': '/usr/bin/ssh',
  'ansible-core': '/usr/bin/ansible-playbook',
  'python3-apt': '/usr/lib/python3/dist-packages/apt/__init__.py',
  rsyslog: '/usr/sbin/rsyslogd',
  'rsyslog-relp': '/usr/lib/x86_64-linux-gnu/rsyslog/imrelp.so',
  iproute2: '/usr/bin/ss',
  'openbsd-inetd': '/usr/sbin/inetd',
  nmap: '/usr/bin/nmap',
  systemd: '/lib/systemd/systemd-journald',
  'systemd-journal-remote': '/lib/systemd/systemd-journal-remote',
  logrotate: '/usr/sbin/logrotate',
  faketime: '/usr/bin/faketime',
  strace: '/usr/bin/strace',
  chromium: '/usr/bin/chromium',
  prometheus: '/usr/bin/promtool',
  'prometheus-node-exporter': '/usr/bin/prometheus-node-exporter',
  mandoc: '/usr/bin/mandoc',
  'tinyproxy-bin': '/usr/bin/tinyproxy',
  binutils: '/usr/bin/x86_64-linux-gnu-strip',
  'binutils-aarch64-linux-gnu': '/usr/bin/aarch64-linux-gnu-strip',
  'qemu-user-static': '/usr/bin/qemu-aarch64-static',
  lintian: '/usr/bin/lintian',
  zsh: '/usr/bin/zsh',
  fish: '/usr/bin/fish',
  mmdebstrap: '/usr/bin/mmdebstrap',
} as const;

/** The same for the benches; these are not installed for the tests. */
const COMPARED = {
  fail2ban: '/usr/bin/fail2ban-regex',
  sec: '/usr/bin/sec',
  sqlite3: '/usr/bin/sqlite3',
} as const;

const PROGRAMS = { ...NEEDED, ...COMPARED };

type Package = keyof typeof PROGRAMS;

/** Packages that are not installed. */
export function missing(): string[] {
  return Object.entries(NEEDED).flatMap(([name, program]) => (existsSync(program) ? [] : name));
}

/** Whether this is a run in which no test may be skipped. */
export const IN_CI = process.env['CI'] === 'true';

/** What a test can need: to be root, or a Debian package. */
export type Need = 'root' | Package;

/**
 * Options for a test that needs these packages, or to be `root`: it is skipped by name where it
 * can't run, and never in CI.
 */
export function needs(...wanted: Need[]): { skip?: string } {
  const lacks = wanted.filter((name) =>
    name === 'root' ? process.getuid?.() !== 0 : !existsSync(PROGRAMS[name]),
  );
  if (lacks.length === 0 || IN_CI) return {};
  return { skip: `needs ${lacks.join(', ')}` };
}
