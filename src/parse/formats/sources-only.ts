/** Messages that are known only from the programs' sources. */
import { ADDRESS, CLIENT, PEER, USER, row, type Format } from '../format.ts';
import { VSFTPD } from './own-files.ts';

export const SOURCES_ONLY: readonly Format[] = [
  // exim smtp_in.c: source only.
  {
    name: 'exim',
    needles: ['refused connect'],
    tag: /^exim/,
    pattern: row(
      `refused connection from ${USER}(?:(?:H=)?(?<client>[\\w.-]+) )?\\[${ADDRESS}\\](?::\\d+)?(?: I=\\S+)? \\(tcp wrappers\\)`,
    ),
  },
  // mpd (link multi-protocol daemon): source only.
  {
    name: 'mpd',
    needles: ['refused connect'],
    pattern: row(`libwrap refused connection \\(libwrap=(?<daemon>[^ )]+)\\) from ${PEER}`),
  },
  // ssh.com's sshd 1 and 2 for what it forwards: newchannels.c, sshchx11.c, sshchtcp.c.
  {
    name: 'ssh-x11',
    needles: ['refused by tcp'],
    pattern: row(
      `(?:error: |WARNING: )?Fwd X11 connection from ${USER}${CLIENT} refused by tcp_wrappers\\.?`,
    ),
    as: 'sshdfwd-X11',
  },
  {
    name: 'ssh-forward',
    needles: ['refused by tcp'],
    pattern: row(
      `(?:error: |WARNING: )?Fwd connection from ${USER}${CLIENT} to local port (?<daemon>\\S+) refused by tcp_wrappers\\.?`,
    ),
  },
  // vsftpd 3.0 in its own wording. It cannot write to syslog, but older versions could.
  {
    name: 'vsftpd',
    needles: ['refused: tcp'],
    tag: /^vsftpd/,
    pattern: row(VSFTPD),
  },
  // NetBSD's syslogd tls.c; a system error may follow, which belongs to another call.
  {
    name: 'netbsd-syslogd',
    needles: ['denied by hosts'],
    tag: /^syslogd$/,
    pattern: row(`access from ${CLIENT} denied by hosts_access(?:: [A-Za-z ]+)?`),
  },
  {
    name: 'opensm',
    needles: [' denied: '],
    beside: 'Console',
    pattern: row(`(?:.{0,200}ERR \\w{4}: )?Console connection denied: ${CLIENT} \\(${ADDRESS}\\)`),
  },
];
