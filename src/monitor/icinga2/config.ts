/** The keys of an `icinga2:` monitor. */
import { readSecret, SECRET_KEYS } from '../../config/secret.ts';
import { documentPath } from '../../host/documents.ts';
import { HTTP_KEYS, readHttp, type HttpSettings } from '../http/config.ts';
import type { DraftEntry, MonitorEntry } from '../kind.ts';

export interface Icinga2Settings extends HttpSettings {
  readonly kind: 'icinga2';
  /** The name of an ApiUser; null where our certificate identifies us. */
  readonly user: string | null;
  /** Its password's bytes: never log, never show. */
  readonly password: Buffer;
  /** Requests at a time. */
  readonly connections: number;
}

export const KEYS = ['user', 'connections', ...HTTP_KEYS, ...SECRET_KEYS];

const PORT = 5665;

/** Icinga's API is HTTPS only, and identifies users by password or certificate. */
export function readIcinga2(entry: MonitorEntry): Icinga2Settings {
  const { at, keys } = entry;
  const { checker } = keys;
  const http = readHttp(entry, ['https:']);
  const user = keys.read('user', (who) => checker.text(who, 255), null);
  const password = readSecret(entry);
  if (user !== null && password === null && !SECRET_KEYS.some((key) => keys.has(key))) {
    const text =
      "has a user without a password: give it 'password', 'passwordFile' or 'credential'";
    checker.problem(at, text);
  }
  if (user === null && !keys.has('cert')) {
    const text =
      "has neither 'user' nor 'cert': Icinga's API requires an ApiUser with its password, or a certificate";
    checker.problem(at, text);
  }
  return {
    kind: 'icinga2',
    ...http,
    user,
    password: password ?? Buffer.alloc(0),
    // 1,311 requests a second on four sockets, 916 on one, 1,148 on sixteen: Icinga 2.13.6, 2 cores.
    connections: keys.whole('connections', 4, 1, 64),
  };
}

/** `icinga2://HOST:PORT`, or a URL of the API's own port. */
export function draftIcinga2(address: string): DraftEntry | null {
  const [, scheme = '', host = '', port = `${PORT}`] =
    /^(icinga2|https):\/\/(\[[^\]]+\]|[^/:]+)(?::(\d+))?\/?$/i.exec(address) ?? [];
  if (host === '' || (scheme.toLowerCase() === 'https' && port !== `${PORT}`)) return null;
  return {
    place: `https://${host}:${port}`,
    keys: [
      {
        key: 'user',
        value: 'denywatch',
        missing: `an ApiUser, as in ${documentPath('Icinga objects')}`,
      },
      {
        key: 'passwordFile',
        value: 'icinga2.password',
        missing: 'a file with its password',
        asks: 'The password of that ApiUser',
      },
      {
        key: 'ca',
        value: 'icinga2-ca.crt',
        missing: "Icinga's /var/lib/icinga2/certs/ca.crt",
        isFile: true,
      },
      { key: 'serverName', value: host, missing: "the node's name: hostname --fqdn there" },
    ],
  };
}
