/** Reads send_nsca's configuration, so that its password and method are stored only once. */
import { isOfNscaNg, readClientConfig, SendNscaConfigError } from '../client-config.ts';
import { methodOf, MethodError } from './cipher.ts';

export interface SendNscaConfig {
  /** Everything after the first `=`, as send_nsca takes it: blanks and a CR at the end too. */
  readonly password: Buffer;
  /** Number of the encryption method; send_nsca's own default is 1 (xor). */
  readonly method: number;
}

/**
 * Reads the file as send_nsca 2.10 does (tried with it): a line with `password` or
 * `encryption_method` before the first `=` is that setting; of the method only the leading digits
 * count; a `#` begins a comment only at the beginning of a line. Blank lines are skipped here, but
 * stop send_nsca.
 * @throws SendNscaConfigError
 */
export function readSendNscaConfig(path: string): SendNscaConfig {
  const text = readClientConfig(path);
  if (isOfNscaNg(text)) {
    throw new SendNscaConfigError(
      `${path} belongs to NSCA-ng's client: name the monitor as nsca-ng: HOST, with this sendNscaConfig`,
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
    if (name.includes('password')) password = value;
    else if (name.includes('encryption_method')) method = readMethod(where, value);
    else
      throw new SendNscaConfigError(`${where}: send_nsca has no setting ${JSON.stringify(name)}`);
  }
  return { password: Buffer.from(password, 'latin1'), method };
}

function readMethod(where: string, value: string): number {
  const digits = /^\s*(\d+)/.exec(value)?.[1];
  if (digits === undefined) {
    throw new SendNscaConfigError(
      `${where}: encryption_method must be a number, as in the daemon's nsca.cfg`,
    );
  }
  try {
    return methodOf(Number(digits)).number;
  } catch (error) {
    if (!(error instanceof MethodError)) throw error;
    throw new SendNscaConfigError(`${where}: ${error.message}`, { cause: error });
  }
}
