/** Who sent an entry of the journal, according to the kernel, and whether to believe it. */

/** The trusted fields of an entry. */
export interface Sender {
  /** The user id. */
  readonly uid: number;
  /** Path of its program, null for one that had ended. */
  readonly exe: string | null;
  /** The program's name. */
  readonly name: string | null;
  /** The tag that it chose. */
  readonly tag: string | null;
}

/** Programs that send any text under any tag. */
const SENDERS = new Set(['logger', 'systemd-cat']);
/** Directories of programs that only root can install. */
const SYSTEM = /^\/(?:usr|s?bin|lib|opt|nix|gnu)\//;
/** The highest user id of a system user: SYS_UID_MAX in login.defs(5). */
const SYSTEM_USER = 999;
/** nobody, the user of inetd's services. */
const NOBODY = 65_534;

/**
 * Why an entry that reads as a refusal was not sent by the program it names; null where it may have
 * been.
 *
 * Root may send anything (a daemon in the foreground piped into logger is usual), and system users
 * are daemons, so only two things show a forgery: a sender such as logger(1) that is not root's,
 * and any other account that sends from anything but the installed program of that name or tcpd, or
 * that names another daemon in its message. The program's fields are missing for a sender that
 * ended at once; the user id never is. Missing fields by themselves prove nothing.
 * @param named whether the message names the daemon
 */
export function forgery({ uid, exe, name, tag }: Sender, named: boolean): string | null {
  if (!(uid > 0)) return null;
  if (name !== null && SENDERS.has(name)) return `sent by ${name} of user ${uid}`;
  if (uid <= SYSTEM_USER || uid === NOBODY) return null;
  const installed = exe !== null && SYSTEM.test(exe) && (name === tag || name === 'tcpd');
  return installed && !named ? null : `sent by ${name ?? 'a program'} of user ${uid}`;
}
