/**
 * The daemon that libwrap is asked about (its %d), where it differs from the syslog tag. Each was
 * observed with `spawn (echo %d)` in hosts.deny.
 */
import { baseName } from './entry.ts';

const DAEMONS: readonly (readonly [tag: RegExp, daemon: string])[] = [
  // OpenSSH from 9.8 on: only sshd-session is linked with libwrap.
  [/^sshd-(?:session|auth)$/, 'sshd'],
  // nfs-utils and quota.
  [/^rpc\.(mountd|statd|rquotad)$/, '$1'],
  [/^n?talkd$/, 'in.ntalkd'],
  // The third digit is the printer's.
  [/^p910.d$/, 'p910nd'],
  [/^sm-m(?:ta|sp)\b.*$/, 'sendmail'],
  [/^cyrus\/(.+)$/, '$1'],
  // module-native-protocol-tcp, which is loaded for the network.
  [/^pulseaudio$/, 'pulseaudio-native'],
  // proftpd's WrapLog.
  [/^mod_wrap2?\/.*$/, 'proftpd'],
];

/** The tag that was asked for last: in a flood nearly always that of the next line. */
let latest = { tag: '', daemon: '' };

/** libwrap's daemon by the tag of a line. */
export function daemonOfTag(tag: string): string {
  if (latest.tag !== tag) latest = { tag, daemon: readTag(tag) };
  return latest.daemon;
}

function readTag(tag: string): string {
  const name = baseName(tag);
  for (const [pattern, daemon] of DAEMONS) {
    if (pattern.test(name)) return name.replace(pattern, daemon);
  }
  return name;
}
