/** Reads send_nsca's configuration, so that its password and method need no second place. */
import { readFileSync } from 'node:fs';
import { methodOf, MethodError } from './cipher.ts';

export interface SendNscaConfig {
  /** Everything after the first `=`, as send_nsca takes it: blanks at the end are part of it. */
  readonly password: Buffer;
  /** Number of the encryption method; send_nsca's own default is 1 (xor). */
  readonly method: number;
}

/** What is wrong with the file: message for an administrator, with its name and line. */
export class SendNscaConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SendNscaConfigError';
  }
}

/** Throws SendNscaConfigError. Bytes are kept as they are: a password need not be UTF-8. */
export function readSendNscaConfig(path: string): SendNscaConfig {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (cause) {
    throw new SendNscaConfigError(
      `can't read ${path}: ${(cause as Error).message}; name another, or let the agent's user read it`,
      { cause },
    );
  }
  let password = '';
  let method = 1;
  for (const [index, line] of text.split('\n').entries()) {
    const where = `${path}, line ${index + 1}`;
    if (line.trim() === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    const name = line.slice(0, equals).trim();
    const value = line.slice(equals + 1);
    if (equals === -1 || value === '') {
      throw new SendNscaConfigError(`${where}: a setting is written name=value`);
    }
    if (name === 'password') password = value;
    else if (name === 'encryption_method') method = readMethod(where, value);
    else
      throw new SendNscaConfigError(`${where}: send_nsca has no setting ${JSON.stringify(name)}`);
  }
  return { password: Buffer.from(password, 'latin1'), method };
}

function readMethod(where: string, value: string): number {
  if (!/^\s*\d+\s*$/.test(value)) {
    throw new SendNscaConfigError(
      `${where}: encryption_method must be a number, as in the daemon's nsca.cfg`,
    );
  }
  try {
    return methodOf(Number(value)).number;
  } catch (error) {
    if (!(error instanceof MethodError)) throw error;
    throw new SendNscaConfigError(`${where}: ${error.message}`, { cause: error });
  }
}
