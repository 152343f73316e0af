/**
 * The table of refusals: one row for each way in which a program says that TCP wrappers refused a
 * connection. To add a program, add a row here and a line of its log to test/parse/corpus.txt.
 *
 * A pattern is anchored at both ends of the message, so that no text that a client chose (an ident
 * user, an SSH user name, a service's name) can read as a refusal, or as another client. Patterns
 * have no nested quantifiers, and messages are bounded, so that matching is linear in the length.
 */
import type { Entry } from './header.ts';

export interface Format {
  readonly name: string;
  /** What one of is in each such line, for the scan: seven bytes at least, best the same seven. */
  readonly needles: readonly string[];
  /** Tags that the row is for; undefined: any that may log for libwrap. */
  readonly tag?: RegExp;
  /** The row is for a program's own log file rather than for syslog. */
  readonly own?: Entry['own'];
  /**
   * Named groups: `client`, and where the program tells them `user`, `address` (a place where only
   * an address can stand), `daemon` (otherwise `as`, otherwise the tag).
   */
  readonly pattern: RegExp;
  /** The daemon that libwrap is asked about, where it is neither in the message nor the tag. */
  readonly as?: string;
}

// An ident user is what RFC 931's reply had between blanks: any other byte may be in it, also `@`,
// parentheses and more. The client follows the last `@`.
const USER = '(?:(?<user>[^ \\t-\\r]*)@)?';
/** A name or an address; glibc lets through only clean names, other resolvers any byte. */
const CLIENT = '(?<client>[^ \\t-\\r@]+)';
/** The same where nothing but the end of the message tells it from a sentence. */
const NAME = '(?<client>[^ \\t-\\r@()<>"\',;[\\]]+)';
/** The same with a port, for which an IPv6 address may be in brackets. */
const PEER = '(?<peer>[^ \\t-\\r@()<>"\']+)';
const ADDRESS = '(?<address>[^ \\t-\\r()[\\]]+)';

const row = (text: string): RegExp => new RegExp(`^${text}$`, 'u');

export const FORMATS: readonly Format[] = [
  // tcp_wrappers 7.6 refuse.c as built with INET6 (Debian, FreeBSD): tcpd and everything that links
  // libwrap and calls refuse(): sshd, nrpe, in.ntalkd, imapd, gdm, …
  {
    name: 'tcpd',
    needles: ['refused'],
    pattern: row(`refused connect from ${USER}${CLIENT} \\(${ADDRESS}\\)`),
  },
  // yp-tools' ypserv, access.c.
  {
    name: 'ypserv',
    needles: ['refused'],
    tag: /^(?:rpc\.)?yp\w+$/,
    pattern: row('refused connect from (?<client>[\\d.]+):\\d+(?: to procedure .*)?'),
  },
  // refuse.c without INET6 (upstream, older BSD, Solaris): no address. mysqld says the same.
  {
    name: 'tcpd-name',
    needles: ['refused'],
    pattern: row(`refused connect from ${USER}${NAME}`),
  },
  // fix_options.c, clean_exit after LSRR and SSRR options.
  {
    name: 'tcpd-routing',
    needles: ['refused'],
    pattern: row(`refused connect from ${USER}${NAME} with IP source routing options`),
  },
  // options.c, twist_option: replaces the refused line. A twist always ends the connection.
  {
    name: 'twist',
    needles: [' twist ', '"twist ', '\ufefftwist ', ']:twist '],
    pattern: row(`twist ${USER}${CLIENT} to .+`),
  },
  // xinetd 2.3.15 access.c. It logs two lines for one connection: this one names libwrap's daemon
  // (2.3.14 and older only the service), the next one the service.
  {
    name: 'xinetd',
    needles: ['refused'],
    tag: /^xinetd/,
    pattern: row(
      `libwrap refused connection to (?:\\S+ \\(libwrap=(?<daemon>[^ )]+)\\)|(?<service>\\S+)) from (?:<no address>|${CLIENT})`,
    ),
  },
  {
    name: 'xinetd-fail',
    needles: ['libwrap'],
    tag: /^xinetd/,
    pattern: row(`FAIL: (?<daemon>\\S+) libwrap from=(?:<no address>|${CLIENT})`),
  },
  // openbsd-inetd -l (inetd.c), and FreeBSD's.
  {
    name: 'inetd',
    needles: ['refused'],
    pattern: row(`refused connection from ${USER}${CLIENT}, service (?<daemon>\\S+) \\(\\S+\\)`),
  },
  // cyrus master.c, imapproxy, sup's supfilesrv: sources only.
  {
    name: 'refused-connection',
    needles: ['refused'],
    pattern: row(`refused connection from ${USER}${NAME}(?: \\(${ADDRESS}\\))?`),
  },
  // exim smtp_in.c: source only.
  {
    name: 'exim',
    needles: ['refused'],
    tag: /^exim/,
    pattern: row(
      `refused connection from ${USER}(?:(?:H=)?(?<client>[\\w.-]+) )?\\[${ADDRESS}\\](?::\\d+)?(?: I=\\S+)? \\(tcp wrappers\\)`,
    ),
  },
  // mpd (link multi-protocol daemon): source only.
  {
    name: 'mpd',
    needles: ['refused'],
    pattern: row(`libwrap refused connection \\(libwrap=(?<daemon>[^ )]+)\\) from ${PEER}`),
  },
  // proftpd mod_wrap 1.2.4, at PASS.
  {
    name: 'proftpd',
    needles: ['refused'],
    pattern: row(
      `\\S+ \\([^ [\\]]+\\[${ADDRESS}\\]\\) - mod_wrap2?/\\S+: refused connection from ${USER}${NAME}`,
    ),
  },
  // rlinetd.
  {
    name: 'rlinetd',
    needles: ['denied '],
    pattern: row(`access for service (?<daemon>\\S+) from host ${CLIENT} denied by TCP wrappers`),
  },
  // stunnel 5.68 libwrap.c. libwrap is asked about the service, whose name may hold a `]`.
  {
    name: 'stunnel',
    needles: ['REFUSED'],
    pattern: row(
      `(?:LOG\\d\\[[^\\]]*\\]: )?Service (?:\\[(?<daemon>.+)\\]|(?<service>\\S+)) REFUSED by libwrap from ${PEER}`,
    ),
  },
  // rpcbind 1.2.6 -w security.c; portmap pmap_check.c.
  {
    name: 'rpcbind',
    needles: ['unauthorized'],
    pattern: row(`connect from ${CLIENT} to \\S+: request from unauthorized host`),
  },
  // nfs-utils 2.6.2 support/misc/tcpwrapper.c: rpc.mountd, rpc.statd.
  {
    name: 'nfs-utils',
    needles: ['unauthorized'],
    pattern: row(`connect from ${CLIENT} denied: request from unauthorized host`),
  },
  // quota 4.06 rquota_server.c.
  {
    name: 'rquotad',
    needles: ['Denied '],
    tag: /rquotad$/,
    pattern: row(`Denied access to host ${CLIENT}`),
  },
  // OpenLDAP 2.5 slapd/daemon.c; the client is `unknown` unless it looked the name up.
  {
    name: 'slapd',
    needles: [' DENIED '],
    tag: /^slapd/,
    pattern: row(`(?:conn=\\d+ )?fd=\\d+ DENIED from ${CLIENT} \\(${ADDRESS}\\)`),
    as: 'slapd',
  },
  // net-snmp 5.9 agent/snmp_agent.c.
  {
    name: 'snmpd',
    needles: ['REFUSED'],
    tag: /^snmpd/,
    pattern: row(
      'Connection from (?:[^ []+ )?\\[(?<address>[^\\] ]+)\\](?::\\d+)?(?:->\\S*)? REFUSED',
    ),
    as: 'snmpd',
  },
  // sendmail 8.17 srvrsmtp.c; the tag is sendmail's or Debian's sm-mta.
  {
    name: 'sendmail',
    needles: [' reject'],
    tag: /^(?:sendmail|sm-m)/,
    pattern: row('\\S+: tcpwrappers \\((?<client>[^ ,]+), (?<address>[^ ,)]+)\\) rejection'),
    as: 'sendmail',
  },
  // dovecot 2.3 login-common/access-lookup.c; libwrap is asked about the login process.
  {
    name: 'dovecot',
    needles: ['refused'],
    tag: /^dovecot/,
    pattern: row(
      '(?<daemon>[\\w-]+): (?:Info: |Error: )?access\\(tcpwrap\\): Client refused \\(rip=(?<client>[^ )]+)\\)',
    ),
  },
  // mosquitto 2.0 net.c, which writes its own time first.
  {
    name: 'mosquitto',
    needles: ['denied '],
    pattern: row(`(?:\\S+: )?Client connection from ${CLIENT} denied access by tcpd\\.`),
  },
  // socat 1.7.4 xio-socket.c; eight groups in brackets for IPv6.
  {
    name: 'socat',
    needles: ['refusing'],
    pattern: row(`(?:W )?refusing connection from (?:AF=\\d+ )?${PEER} due to tcpwrapper option`),
  },
  // apcupsd 3.14 libwrap in apcnis.c; ssh.com's sshd says the same.
  {
    name: 'tcp_wrappers',
    needles: ['refused'],
    pattern: row(`Connection from ${USER}${CLIENT} refused by tcp_wrappers\\.?`),
  },
  // bacula 9.6 bnet_server.c.
  {
    name: 'bacula',
    needles: ['refused'],
    pattern: row(`(?:\\S+:\\d+ )?Connection from ${PEER} refused by hosts\\.access`),
  },
  // GNU mailutils 3.15 tcpwrap.c: pop3d and imap4d as daemons.
  {
    name: 'mailutils',
    needles: ['blocked'],
    pattern: row(`access from (?:\\w+://)?${PEER} blocked by TCP wrappers`),
  },
  // conman 0.2 server.c, sslh 1.20 common.c, diod 1.0 diod_sock.c. The name is what the client's own
  // DNS says, unverified: clients must be told apart by the address where there is one.
  {
    name: 'conman',
    needles: [' reject'],
    tag: /^conman/,
    pattern: row('TCP-Wrappers rejected connection from <(?<peer>[^ <>]+)>'),
  },
  {
    name: 'sslh',
    needles: [' denied'],
    tag: /^sslh/,
    pattern: row(`connection from ${CLIENT}\\(${ADDRESS}\\): access denied`),
  },
  {
    name: 'diod',
    needles: ['denied '],
    tag: /^diod/,
    pattern: row(`connect denied by wrappers: ${PEER}`),
  },
  // usbip 2.0 usbipd.c, which puts its own name into the message.
  {
    name: 'usbipd',
    needles: ['denied '],
    tag: /^usbipd/,
    pattern: row(`(?:usbipd: )?(?:info: )?denied access from ${CLIENT}`),
  },
  // ftp-proxy (SuSE proxy suite) 1.9 com-syslog.c.
  {
    name: 'ftp-proxy',
    needles: [' reject'],
    pattern: row("\\S+ (?<daemon>\\S+) reject: '(?<client>[^' ]+)' \\(Wrap\\)"),
    tag: /^ftp-proxy/,
  },
  // atftpd.c. Without the tag this could be any program's client error.
  {
    name: 'atftpd',
    needles: ['refused'],
    tag: /^(?:in\.)?atftpd$/,
    pattern: row(`Connection refused from ${CLIENT}`),
  },
  // tftpd-hpa 5.2 tftpd.c prints the address that was asked, its own: it tells no client.
  {
    name: 'tftpd-hpa',
    needles: ['refused'],
    tag: /^in\.tftpd$/,
    pattern: row('connection refused from \\S+'),
  },
  // audit 3.0 auditd-listen.c, to syslog (the address is padded) and to audit.log.
  {
    name: 'auditd',
    needles: [' reject'],
    tag: /^auditd$/,
    pattern: row(`TCP connection from +${PEER} rejected`),
  },
  {
    name: 'auditd-file',
    needles: ['op=wrap'],
    own: 'auditd',
    pattern: row(
      `type=DAEMON_ACCEPT msg=\\S+ op=wrap addr=${CLIENT} port=\\d+ res=(?:no|failed)(?:[ \\x1d].*)?`,
    ),
    as: 'auditd',
  },
  // gophernicus 3.1.
  {
    name: 'gophernicus',
    needles: ['Refused'],
    tag: /gopher/,
    pattern: row(
      `error "Access denied! Refused connection" for request "[^"]*" from ${CLIENT} \\([^()]*\\)`,
    ),
  },
  // argus 3.0 as a daemon, which writes its own time first.
  {
    name: 'argus',
    needles: ['refused'],
    tag: /^argus/,
    pattern: row(
      `\\d+ [A-Z][a-z]{2} \\d+ [\\d:.]+ refused connect from ${USER}${CLIENT}(?: \\(${ADDRESS}\\))?`,
    ),
  },
  // vsftpd 3.0 writes it to its own log file only.
  {
    name: 'vsftpd',
    needles: ['refused'],
    own: 'vsftpd',
    pattern: row(
      'CONNECT: Client "(?<client>[^"]+)", "Connection refused: tcp_wrappers denial\\."',
    ),
    as: 'vsftpd',
  },
  // Sources only from here on: inetutils ftpd.c, p910nd.c, dante's rule.c, opensm's osm_console.c.
  {
    name: 'inetutils-ftpd',
    needles: [' reject'],
    pattern: row(`tcpwrappers rejected: ${CLIENT} \\[${ADDRESS}\\]`),
  },
  {
    name: 'p910nd',
    needles: [' reject'],
    tag: /^p9(?:10n|1\d\d)d$/,
    pattern: row(`Connection from ${CLIENT} port \\d+ rejected`),
  },
  {
    name: 'dante',
    needles: ['blocked'],
    tag: /^(?:danted|sockd)/,
    // Dante prints an address and its port with a dot between them.
    pattern: row(
      '(?:.{0,200}?(?<client>\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3})(?:\\.\\d+)?[ ,:])?.{0,500}blocked by libwrap/tcp_wrappers',
    ),
  },
  {
    name: 'opensm',
    needles: [' denied'],
    pattern: row(`(?:.{0,200}ERR \\w{4}: )?Console connection denied: ${CLIENT} \\(${ADDRESS}\\)`),
  },
];
