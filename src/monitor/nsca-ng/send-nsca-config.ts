/** Reads the configuration of NSCA-ng's send_nsca, so that its secret is stored only once. */
import { readClientConfig, SendNscaConfigError } from '../client-config.ts';

/** The settings of the file; null where it has no such setting. */
export interface NscaNgClientConfig {
  readonly identity: string | null;
  readonly password: Buffer | null;
  readonly server: string | null;
  readonly port: string | null;
}

/**
 * `name = value`, the value with or without quotes; after a backslash the next character is
 * literal.
 */
const SETTING =
  /^\s*(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|'((?:[^'\\]|\\.)*)'?|((?:[^\s#"'\\]|\\.)+))\s*(?:#.*)?$/;

/** Its settings: those that are used here, and those that are not. */
const SETTINGS = new Set([
  'identity',
  'password',
  'server',
  'port',
  'delay',
  'timeout',
  'tls_ciphers',
  'encryption_method',
]);

/**
 * Reads the file as NSCA-ng 1.6 does (tried with its send_nsca): blanks around a setting are
 * ignored, and so is a CR at the end; `#` begins a comment; a backslash at the end of a line
 * continues it in the next; of two settings the last counts.
 * @throws SendNscaConfigError
 */
export function readNscaNgClientConfig(path: string): NscaNgClientConfig {
  const lines = readClientConfig(path)
    .replace(/\\\r?\n/g, '')
    .split('\n');
  const found = new Map<string, string>();
  for (const [index, line] of lines.entries()) {
    const where = `${path}, line ${index + 1}`;
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, name, ...values] = SETTING.exec(line) ?? [];
    if (name === undefined)
      throw new SendNscaConfigError(`${where}: a setting is written name = "value"`);
    const value = values.find((text) => text !== undefined) ?? '';
    if (!SETTINGS.has(name))
      throw new SendNscaConfigError(`${where}: NSCA-ng's send_nsca has no setting '${name}'`);
    found.set(name, value.replace(/\\(.)/g, '$1'));
  }
  const text = (name: string) => {
    const value = found.get(name);
    return value === undefined ? null : Buffer.from(value, 'latin1').toString('utf8');
  };
  const password = found.get('password');
  return {
    identity: text('identity'),
    password: password === undefined ? null : Buffer.from(password, 'latin1'),
    server: text('server'),
    port: text('port'),
  };
}
