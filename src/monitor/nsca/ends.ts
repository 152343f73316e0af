/** Explains why an NSCA daemon ended a connection before its proper end. */
import { MonitorError } from '../error.ts';

/**
 * The error for an administrator, by how far the session was.
 * @param where the daemon, for messages
 * @param phase the phase of the session
 * @param inDoubt whether the daemon may have been stopped rather than have refused: it has taken
 * everything before, or there was nothing to refuse
 * @param cause the system's error
 */
export function endError(
  where: string,
  phase: 'greeting' | 'settling' | 'sending',
  inDoubt: boolean,
  cause?: Error,
): MonitorError {
  if (phase === 'greeting') {
    return new MonitorError(
      'closed',
      `${where} closes every connection at once: its NSCA daemon can't use its own ` +
        'decryption_method, or does not accept this host (allowed_hosts, only_from, hosts.deny)',
      { cause },
    );
  }
  if (phase === 'settling') {
    return new MonitorError(
      'command-file',
      `${where} closes the connection after its greeting: its NSCA daemon can't open Nagios' ` +
        'command file; is Nagios running there?',
      { cause },
    );
  }
  if (inDoubt) {
    return new MonitorError('cut', `${where} broke off the connection; was it stopped?`, { cause });
  }
  return new MonitorError(
    'refused',
    `${where} refuses what it gets: the password or the encryption method differs from those in ` +
      'its nsca.cfg (or it was stopped just now)',
    { cause },
  );
}
