/** libwrap's own messages, and those of the daemons that start others. */
import { ADDRESS, CLIENT, NAME, USER, row, type Format } from '../format.ts';

export const LIBWRAP: readonly Format[] = [
  // tcp_wrappers 7.6 refuse.c as built with INET6 (Debian, FreeBSD): tcpd and everything that links
  // libwrap and calls refuse(): sshd, nrpe, in.ntalkd, imapd, gdm, …
  {
    name: 'tcpd',
    needles: ['refused connect'],
    pattern: row(`refused connect from ${USER}${CLIENT} \\(${ADDRESS}\\)`),
  },
  // yp-tools' ypserv, access.c.
  {
    name: 'ypserv',
    needles: ['refused connect'],
    tag: /^(?:rpc\.)?yp\w+$/,
    pattern: row('refused connect from (?<client>[\\d.]+):\\d+(?: to procedure .*)?'),
  },
  // refuse.c without INET6 (upstream, older BSD, Solaris): no address. mysqld logs the same.
  {
    name: 'tcpd-name',
    needles: ['refused connect'],
    pattern: row(`refused connect from ${USER}${NAME}`),
  },
  // fix_options.c, clean_exit after LSRR and SSRR options.
  {
    name: 'tcpd-routing',
    needles: ['refused connect'],
    pattern: row(`refused connect from ${USER}${NAME} with IP source routing options`),
  },
  // options.c, twist_option: replaces the refused line. A twist always ends the connection.
  {
    name: 'twist',
    // With everything that may stand before a message: alone it is too short, and in other words.
    needles: [' ', '"', '\ufeff', ']:', ']', '-', '\t', '\v', '\f', '\r', '\0'].map(
      (sign) => `${sign}twist `,
    ),
    pattern: row(`twist ${USER}${CLIENT} to .+`),
  },
  // xinetd 2.3.15 access.c. It logs two lines for one connection: this one names libwrap's daemon
  // (2.3.14 and older only the service), the next one the service.
  {
    name: 'xinetd',
    needles: ['refused connect'],
    tag: /^xinetd/,
    pattern: row(
      `libwrap refused connection to (?:\\S+ \\(libwrap=(?<daemon>[^ )]+)\\)|(?<service>\\S+)) from (?:<no address>|${CLIENT})`,
    ),
  },
  {
    name: 'xinetd-fail',
    needles: ['libwrap from'],
    tag: /^xinetd/,
    pattern: row(`FAIL: (?<daemon>\\S+) libwrap from=(?:<no address>|${CLIENT})`),
  },
  // openbsd-inetd -l (inetd.c), and FreeBSD's.
  {
    name: 'inetd',
    needles: ['refused connect'],
    pattern: row(`refused connection from ${USER}${CLIENT}, service (?<daemon>\\S+) \\(\\S+\\)`),
  },
  // cyrus master.c, imapproxy, sup's supfilesrv: sources only.
  {
    name: 'refused-connection',
    needles: ['refused connect'],
    pattern: row(`refused connection from ${USER}${NAME}(?: \\(${ADDRESS}\\))?`),
  },
  // rlinetd.
  {
    name: 'rlinetd',
    needles: ['denied by TCP'],
    pattern: row(`access for service (?<daemon>\\S+) from host ${CLIENT} denied by TCP wrappers`),
  },
];
