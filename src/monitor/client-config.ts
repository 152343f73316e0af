/** The files named send_nsca.cfg: those of NSCA's client and of NSCA-ng's client look alike. */
import { readFileSync } from 'node:fs';
import { reasonOf } from '../text/reason.ts';

/** A mistake in the file; the message is for an administrator, with the file's name and line. */
export class SendNscaConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SendNscaConfigError';
  }
}

/**
 * The file's text, one character a byte: a password need not be UTF-8. A byte order mark, which
 * some editors write before the first line, is removed.
 * @throws SendNscaConfigError
 */
export function readClientConfig(path: string): string {
  try {
    return readFileSync(path, 'latin1').replace(/^\xef\xbb\xbf/, '');
  } catch (cause) {
    throw new SendNscaConfigError(
      `can't read ${path}: ${reasonOf(cause)}; name another, or let the agent's user read it`,
      { cause },
    );
  }
}

/** Settings that only NSCA-ng's client has. */
const ONLY_NSCA_NG = /^\s*(?:identity|server|port|delay|timeout|tls_ciphers)\s*=/m;

/** Whether the file belongs to NSCA-ng's client. */
export function isOfNscaNg(text: string): boolean {
  return ONLY_NSCA_NG.test(text);
}
