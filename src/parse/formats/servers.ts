/** Messages of servers that ask libwrap, in their own wording. */
import { ADDRESS, CLIENT, NAME, PEER, USER, row, type Format } from '../format.ts';

const OWN_TIME = String.raw`\d{4}\.\d\d\.\d\d \d\d:\d\d:\d\d`;
const LOG = String.raw`(?:LOG\d\[[^\]]*\]: )?`;
const SERVICE = String.raw`Service (?:\[(?<daemon>.+)\]|(?<service>\S+))`;

export const SERVERS: readonly Format[] = [
  // proftpd mod_wrap 1.2.4, at PASS: in syslog, and with a colon in its own SystemLog.
  {
    name: 'proftpd',
    needles: ['refused connect'],
    pattern: row(
      `\\S+ \\([^ [\\]]+\\[${ADDRESS}\\]\\)(?: -|:) mod_wrap2?/\\S+: refused connection from ${USER}${NAME}`,
    ),
  },
  // stunnel 5.68 libwrap.c. libwrap is asked about the service, whose name may hold a `]`.
  {
    name: 'stunnel',
    needles: ['REFUSED by '],
    pattern: row(`${LOG}${SERVICE} REFUSED by libwrap from ${PEER}`),
  },
  // The same on its standard error, which a unit forwards to syslog beside the line above.
  {
    name: 'stunnel-stderr',
    needles: ['REFUSED by '],
    pattern: row(`${OWN_TIME} LOG\\d\\[[^\\]]*\\]: ${SERVICE} REFUSED by libwrap from ${PEER}`),
  },
  // stunnel 4 and 3.
  {
    name: 'stunnel-4',
    needles: ['REFUSED by '],
    tag: /^stunnel/,
    pattern: row(`${LOG}(?<daemon>\\S+) REFUSED by libwrap from ${PEER}`),
  },
  {
    name: 'stunnel-3',
    needles: ['REFUSED by '],
    tag: /^stunnel/,
    pattern: row(`${LOG}Connection from ${PEER} REFUSED by (?:libwrap|LIBWRAP)`),
  },
  // rpcbind 1.2.6 -w security.c; portmap pmap_check.c.
  {
    name: 'rpcbind',
    needles: ['unauthorized host'],
    pattern: row(`connect from ${CLIENT} to \\S+: request from unauthorized host`),
  },
  // nfs-utils 2.6.2 support/misc/tcpwrapper.c: rpc.mountd, rpc.statd.
  {
    name: 'nfs-utils',
    needles: ['unauthorized host'],
    pattern: row(`connect from ${CLIENT} denied: request from unauthorized host`),
  },
  // quota 4.06 rquota_server.c.
  {
    name: 'rquotad',
    needles: ['Denied access '],
    tag: /rquotad$/,
    pattern: row(`Denied access to host ${CLIENT}`),
  },
  // OpenLDAP 2.5 slapd/daemon.c; the client is `unknown` unless it looked the name up.
  {
    name: 'slapd',
    needles: [' DENIED from '],
    tag: /^slapd/,
    pattern: row(`(?:conn=\\d+ )?fd=\\d+ DENIED from ${CLIENT} \\(${ADDRESS}\\)`),
    as: 'slapd',
  },
  // OpenLDAP 2.0.
  {
    name: 'slapd-2.0',
    needles: [' denied.'],
    beside: 'slapd',
    tag: /^slapd/,
    pattern: row(`fd=\\d+ host access from ${CLIENT} \\(${ADDRESS}\\) denied\\.`),
    as: 'slapd',
  },
  // net-snmp 5.9 agent/snmp_agent.c.
  {
    name: 'snmpd',
    needles: ['REFUSED'],
    beside: 'snmpd',
    tag: /^snmpd/,
    pattern: row(
      'Connection from (?:<UNKNOWN> \\()?(?:[^ []+ )?\\[(?<address>[^\\] ]+)\\](?::\\d+)?(?:->[^ )]*)?\\)? REFUSED',
    ),
    as: 'snmpd',
  },
  // ucd-snmp 4 and the first net-snmp.
  {
    name: 'ucd-snmp',
    needles: ['REFUSED', 'refused'],
    beside: 'snmpd',
    tag: /^snmpd/,
    pattern: row('Connection from (?:<UNKNOWN>|(?:UDP: )?(?<peer>[\\w.:%-]+)) (?:REFUSED|refused)'),
    as: 'snmpd',
  },
  // sendmail 8.17 srvrsmtp.c; the tag is sendmail's or Debian's sm-mta.
  {
    name: 'sendmail',
    needles: [' rejection'],
    tag: /^(?:sendmail|sm-m)/,
    pattern: row('\\S+: tcpwrappers \\((?<client>[^ ,]+), (?<address>[^ ,)]+)\\) rejection'),
    as: 'sendmail',
  },
  // dovecot 2.3 login-common/access-lookup.c; libwrap is asked about the login process.
  {
    name: 'dovecot',
    needles: ['refused (rip'],
    tag: /^dovecot/,
    pattern: row(
      '(?<daemon>[\\w-]+): (?:Info: |Error: )?access\\(tcpwrap\\): Client refused \\(rip=(?<client>[^ )]+)\\)',
    ),
  },
  // mosquitto 2.0 net.c, which writes its own time first.
  {
    name: 'mosquitto',
    needles: ['denied access '],
    pattern: row(`(?:\\S+: )?Client connection from ${CLIENT} denied access by tcpd\\.`),
  },
  // socat 1.7.4 xio-socket.c; eight groups in brackets for IPv6.
  {
    name: 'socat',
    needles: ['refusing'],
    pattern: row(`(?:W )?refusing connection from (?:AF=\\d+ )?${PEER} due to tcpwrapper option`),
  },
  // apcupsd 3.14 libwrap in apcnis.c; ssh.com's sshd 1 and 2 log the same.
  {
    name: 'tcp_wrappers',
    needles: ['refused by tcp'],
    pattern: row(
      `(?:error: |WARNING: )?Connection from ${USER}${CLIENT} refused by tcp_wrappers\\.?`,
    ),
  },
  // bacula 9.6 bnet_server.c.
  {
    name: 'bacula',
    needles: ['refused by hosts'],
    pattern: row(`(?:\\S+:\\d+ )?Connection from ${PEER} refused by hosts\\.access`),
  },
  // GNU mailutils 3.15 tcpwrap.c: pop3d and imap4d as daemons.
  {
    name: 'mailutils',
    needles: ['blocked by TCP'],
    pattern: row(`access from (?:\\w+://)?${PEER} blocked by TCP wrappers`),
  },
  // conman 0.2 server.c, also on its standard error; sslh 1.20 common.c, diod 1.0 diod_sock.c. The
  // name comes from the client's own DNS, unverified: distinguish clients by the address where
  // there is one.
  {
    name: 'conman',
    needles: [' rejected connect'],
    tag: /^conman/,
    pattern: row('(?:NOTICE: +)?TCP-Wrappers rejected connection from <(?<peer>[^ <>]+)>'),
  },
  {
    name: 'sslh',
    needles: [' denied'],
    beside: 'sslh',
    tag: /^sslh/,
    pattern: row(`connection from ${CLIENT}\\(${ADDRESS}\\): access denied`),
    stderr: 'sslh-stderr',
  },
  {
    name: 'diod',
    needles: ['denied by wrap'],
    tag: /^diod/,
    pattern: row(`connect denied by wrappers: ${PEER}`),
  },
  // usbip 2.0 usbipd.c, which puts its own name into the message.
  {
    name: 'usbipd',
    needles: ['denied access '],
    tag: /^usbipd/,
    pattern: row(`(?:usbipd: )?(?:info: )?denied access from ${CLIENT}`),
  },
  // ftp-proxy (SuSE proxy suite) 1.9 com-syslog.c.
  {
    name: 'ftp-proxy',
    needles: [' reject: '],
    beside: 'ftp-proxy',
    pattern: row("\\S+ (?<daemon>\\S+) reject: '(?<client>[^' ]+)' \\(Wrap\\)"),
    tag: /^ftp-proxy/,
  },
  // atftpd.c. Without the tag this could be any program's client error.
  {
    name: 'atftpd',
    needles: ['refused from '],
    tag: /^(?:in\.)?atftpd$/,
    pattern: row(`Connection refused from ${CLIENT}`),
  },
  // tftpd-hpa 5.2 tftpd.c prints the address that was asked, its own, and not the client's.
  {
    name: 'tftpd-hpa',
    needles: ['refused from '],
    tag: /^in\.tftpd$/,
    pattern: row('connection refused from \\S+'),
  },
  // audit 3.0 auditd-listen.c, to syslog (the address is padded) and to audit.log.
  {
    name: 'auditd',
    needles: [' rejected'],
    beside: 'auditd',
    tag: /^auditd$/,
    pattern: row(`TCP connection from +${PEER} rejected`),
  },
  // gophernicus 3.1.
  {
    name: 'gophernicus',
    needles: ['Refused connect'],
    tag: /gopher/,
    pattern: row(
      `error "Access denied! Refused connection" for request "[^"]*" from ${CLIENT} \\([^()]*\\)`,
    ),
  },
  // argus 3.0 as a daemon, which writes its own time first.
  {
    name: 'argus',
    needles: ['refused connect'],
    tag: /^argus/,
    pattern: row(
      `\\d+ [A-Z][a-z]{2} \\d+ [\\d:.]+ refused connect from ${USER}${CLIENT}(?: \\(${ADDRESS}\\))?`,
    ),
  },
  // inetutils 2.6 ftpd/tcpwrap.c: without a name where it found none.
  {
    name: 'inetutils-ftpd',
    needles: [' rejected: '],
    pattern: row(`tcpwrappers rejected: (?:${CLIENT} )?\\[${ADDRESS}\\]`),
  },
  {
    name: 'p910nd',
    needles: [' rejected'],
    beside: 'p910',
    tag: /^p910.d$/,
    pattern: row(`Connection from ${CLIENT} port \\d+ rejected`),
  },
  // dante 1.4 rule.c. It prints an address and its port with a dot between them.
  {
    name: 'dante',
    needles: ['blocked by libwrap'],
    tag: /^(?:danted|sockd)/,
    pattern: row(
      '(?:.{0,200}? [[\\]]: (?:\\S*@)?\\[?(?<client>[^ @[\\]]+?)\\]?\\.\\d{1,5}[ ,:])?.{0,500}blocked by libwrap/tcp_wrappers',
    ),
  },
  // syslog-ng 4.8 afsocket-source.c; version 1 and 2 had `from` only.
  {
    name: 'syslog-ng',
    needles: [' rejected by tcpd'],
    tag: /^syslog-ng$/,
    pattern: row(
      "Syslog connection rejected by tcpd; (?:client|from)='AF_INET6?\\((?<peer>[^ ')]+)\\)'(?:, local='[^']*')?",
    ),
  },
  // dcmtk 3.6 dcmnet dul.cc: dcmqrscp, storescp and others, each with its own prefix.
  {
    name: 'dcmtk',
    needles: ['denied connect'],
    pattern: row(
      `(?:[A-Z]: )?(?:[A-Za-z ]{1,60}: )?(?:[0-9a-f]{4}:[0-9a-f]{4} )?TCP wrapper: denied connection from ${CLIENT} \\(${ADDRESS}\\)`,
    ),
  },
  // pulseaudio socket-server.c: it does not log the client.
  {
    name: 'pulseaudio',
    needles: ['refused by tcp'],
    tag: /^pulseaudio$/,
    pattern: row(
      String.raw`(?:\[[^\]]{1,60}\] )?(?:\S{1,60}: )?TCP connection refused by tcpwrap\.`,
    ),
  },
  // netatalk's afpd 4.2 dsi_tcp.c: in its own file; to syslog it writes what refuse() would.
  {
    name: 'netatalk',
    needles: ['refused connect'],
    tag: /^\w+d$/,
    pattern: row(`\\{[^{} ]{1,80}\\} \\(\\w+:\\w+\\): refused connect from ${USER}${NAME}`),
  },
];
