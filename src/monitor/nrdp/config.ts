/** The keys of an `nrdp:` monitor. */
import { readSecret, type SecretKeys } from '../../config/secret.ts';
import { HTTP_KEYS, readHttp, type HttpSettings } from '../http/config.ts';
import type { DraftEntry, MonitorEntry } from '../kind.ts';

export interface NrdpSettings extends HttpSettings {
  readonly kind: 'nrdp';
  /** One of `authorized_tokens` in NRDP's config.inc.php: never log, never show. */
  readonly token: Buffer;
  readonly format: 'json' | 'xml';
  /** The web server's user, with the password's bytes; null where it requires none. */
  readonly basic: { readonly user: string; readonly password: Buffer } | null;
}

const TOKEN = ['token', 'tokenFile', 'credential'] as const satisfies SecretKeys;
const PASSWORD = ['password', 'passwordFile'] as const satisfies SecretKeys;

export const KEYS = ['format', 'user', ...HTTP_KEYS, ...TOKEN, ...PASSWORD];

/** One URL, with a token. Warns about http://, which shows the token to the network. */
export function readNrdp(entry: MonitorEntry): NrdpSettings {
  const { at, place, keys, around } = entry;
  const { checker } = keys;
  const { places, ...http } = readHttp(entry, ['https:', 'http:']);
  if (places.length > 1) {
    checker.problem(place, 'must be one URL: give each NRDP an entry, and set deliver: first');
  }
  if (places.some(({ url }) => url.protocol === 'http:')) {
    around.warn(`${at.key}: the token goes over the network in plain text: use https`);
  }
  const token = readSecret(entry, TOKEN);
  const named = TOKEN.some((key) => keys.has(key));
  if (token === null ? !named : token.length === 0) {
    checker.problem(at, "has no token: NRDP needs one ('token', 'tokenFile' or 'credential')");
  }
  return {
    kind: 'nrdp',
    ...http,
    places: places.map((one) => ({ ...one, url: directory(one.url) })),
    token: token ?? Buffer.alloc(0),
    format: keys.choice('format', { json: 'json', xml: 'xml' } as const, 'json'),
    basic: readBasic(entry),
  };
}

/** Web servers redirect to the URL of a directory with a final slash. */
function directory(url: URL): URL {
  return /\/[^/]*\.[^/]*$|\/$/.test(url.pathname) ? url : new URL(`${url.href}/`);
}

function readBasic(entry: MonitorEntry): NrdpSettings['basic'] {
  const { at, keys } = entry;
  const user = keys.read('user', (who) => keys.checker.text(who, 255), null);
  const password = readSecret(entry, PASSWORD);
  if ((user === null) !== !PASSWORD.some((key) => keys.has(key))) {
    const text =
      "has only one of 'user' and 'password': basic authentication needs both, the token needs neither";
    keys.checker.problem(at, text);
  }
  return user === null || password === null ? null : { user, password };
}

/** `https://HOST/nrdp/`. */
export function draftNrdp(address: string): DraftEntry | null {
  if (!/^https?:\/\/[^/]+\/(.*\/)?nrdp(\/|$)/i.test(address) || URL.parse(address) === null)
    return null;
  return {
    place: address,
    keys: [
      {
        key: 'tokenFile',
        value: 'nrdp.token',
        missing: "a file with one of authorized_tokens in NRDP's config.inc.php",
        asks: 'The token',
      },
    ],
  };
}
