/** Programs' own log files. */
import { CLIENT, PEER, USER, row, type Format } from '../format.ts';

export const VSFTPD = String.raw`CONNECT: Client "(?<client>[^" \t-\r]+)", "Connection refused: tcp_wrappers denial\.?"`;

export const OWN_FILES: readonly Format[] = [
  // mosquitto's Debian default. The time may also be as `log_timestamp_format` has it.
  {
    name: 'mosquitto-file',
    needles: ['denied access '],
    own: true,
    pattern: row(`Client connection from ${CLIENT} denied access by tcpd\\.`),
    as: 'mosquitto',
  },
  // stunnel's `output =`.
  {
    name: 'stunnel-file',
    needles: ['REFUSED by '],
    own: true,
    pattern: row(
      `LOG\\d\\[[^\\]]*\\]: (?:Service )?(?:\\[(?<daemon>.+)\\]|(?<service>\\S+)) REFUSED by libwrap from ${PEER}`,
    ),
  },
  // xinetd's `log_type = FILE`. Its other line goes to syslog.
  {
    name: 'xinetd-file',
    needles: ['libwrap from'],
    own: true,
    pattern: row(`FAIL: (?<daemon>\\S+) libwrap from=(?:<no address>|${CLIENT})`),
  },
  // apcupsd's events file.
  {
    name: 'apcupsd-file',
    needles: ['refused by tcp'],
    own: true,
    pattern: row(`Connection from ${USER}${CLIENT} refused by tcp_wrappers\\.?`),
    as: 'apcupsd',
  },
  // apt-cacher-ng's apt-cacher.err.
  {
    name: 'apt-cacher-ng-file',
    needles: ['|ERROR: access'],
    own: true,
    pattern: row('(?<client>[^ |]+)\\|ERROR: access not permitted by hosts files'),
    as: 'apt-cacher-ng',
  },
  // conman's LogFile.
  {
    name: 'conman-file',
    needles: [' rejected connect'],
    own: true,
    pattern: row('NOTICE: +TCP-Wrappers rejected connection from <(?<peer>[^ <>]+)>'),
    as: 'conmand',
  },
  // audit.log.
  {
    name: 'auditd-file',
    needles: ['op=wrap'],
    own: true,
    pattern: row(
      `type=DAEMON_ACCEPT msg=\\S+ op=wrap addr=${CLIENT} port=\\d+ res=(?:no|failed)(?:[ \\x1d].*)?`,
    ),
    as: 'auditd',
  },
  // vsftpd 3.0 writes it to its own log file only.
  {
    name: 'vsftpd-file',
    needles: ['refused: tcp'],
    own: true,
    pattern: row(`\\[pid (?<pid>\\d{1,10})\\] ${VSFTPD}`),
    as: 'vsftpd',
  },
];
