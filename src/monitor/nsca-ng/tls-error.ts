/** Explains why a TLS connection to an NSCA-ng server failed. */
import { MonitorError } from '../error.ts';

/** Another identity, another password, or no NSCA-ng. @param where the server, for messages */
export function tlsError(
  where: string,
  cause: NodeJS.ErrnoException & { reason?: string },
): MonitorError {
  const { code = '', reason = code, message } = cause;
  // The server's answer depends on its OpenSSL and on the version of TLS.
  if (/UNKNOWN_PSK_IDENTITY|HANDSHAKE_FAILURE/.test(code)) {
    const text = `${where} does not know this identity: add an authorize section for it to its nsca-ng.cfg`;
    return new MonitorError('unauthorised', text, { cause });
  }
  if (/ILLEGAL_PARAMETER|BAD_RECORD_MAC|DECRYPT_ERROR/.test(code)) {
    const text = `${where} has another password for this identity in its nsca-ng.cfg: make them the same`;
    return new MonitorError('unauthorised', text, { cause });
  }
  if (code.startsWith('ERR_SSL')) {
    const text = `no TLS with ${where} (${reason}); is it an NSCA-ng server?`;
    return new MonitorError('tls', text, { cause });
  }
  return new MonitorError('cut', `${where} broke off the connection: ${message}`, { cause });
}
