/** The files named send_nsca.cfg: those of NSCA's client and those of NSCA-ng's look alike. */
import { readFileSync } from 'node:fs';

/** What is wrong with the file: message for an administrator, with its name and line. */
export class SendNscaConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SendNscaConfigError';
  }
}

/**
 * The file's text, each byte one character: a password need not be UTF-8. A byte order mark, which
 * some editors put before the first line, is left out.
 * @throws SendNscaConfigError
 */
export function readClientConfig(path: string): string {
  try {
    return readFileSync(path, 'latin1').replace(/^\xef\xbb\xbf/, '');
  } catch (cause) {
    throw new SendNscaConfigError(
      `can't read ${path}: ${(cause as Error).message}; name another, or let the agent's user read it`,
      { cause },
    );
  }
}

/** What only NSCA-ng's client knows. */
const ONLY_NSCA_NG = /^\s*(?:identity|server|port|delay|timeout|tls_ciphers)\s*=/m;

/** Whether the file is one of NSCA-ng's client. */
export function isOfNscaNg(text: string): boolean {
  return ONLY_NSCA_NG.test(text);
}
