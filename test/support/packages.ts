import { existsSync } from 'node:fs';

/** A program of each Debian package that the tests use. */
export const NEEDED: Readonly<Record<string, string>> = {
  nsca: '/usr/sbin/nsca',
  'nsca-client': '/usr/sbin/send_nsca',
  'nsca-ng-server': '/usr/sbin/nsca-ng',
  'nagios4-core': '/usr/sbin/nagios4',
  tcpd: '/usr/sbin/tcpd',
  'openssh-server': '/usr/sbin/sshd',
  'openssh-client': '/usr/bin/ssh',
  rsyslog: '/usr/sbin/rsyslogd',
  'openbsd-inetd': '/usr/sbin/inetd',
  systemd: '/lib/systemd/systemd-journald',
  logrotate: '/usr/sbin/logrotate',
  strace: '/usr/bin/strace',
};

/** Packages that are not installed. */
export function missing(): string[] {
  return Object.keys(NEEDED).filter((name) => !existsSync(NEEDED[name]!));
}

/**
 * Options for a test that needs these packages and to be root: it is skipped by name where it can't
 * run, and never in CI.
 */
export function needs(...packages: (keyof typeof NEEDED)[]): { skip?: string } {
  const absent = packages.filter((name) => !existsSync(NEEDED[name]!));
  const why = [
    ...(process.getuid?.() === 0 ? [] : ['root']),
    ...absent.map((name) => `Debian's ${name}`),
  ];
  if (why.length === 0 || process.env['CI'] === 'true') return {};
  return { skip: `needs ${why.join(', ')}` };
}
