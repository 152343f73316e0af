/** The keys of all monitors that are reached by HTTP. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Checker, Value } from '../../config/checker.ts';
import { warnIfOpen, whyNotRead } from '../../config/secret.ts';
import { ownAddress } from '../address.ts';
import type { MonitorEntry, MonitorSettings } from '../kind.ts';

/** How the server proves its identity, and we ours. */
export interface TlsSettings {
  /** Certificates of the CA that signed the server's, PEM; null: Node's own list. */
  readonly ca: Buffer | null;
  /** SHA-256 of certificates, as `AB:CD:…`: one of them is accepted instead of a CA and a name. */
  readonly fingerprints: readonly string[];
  /** Our own certificate with its key, PEM; null where the server does not require one. */
  readonly client: { readonly cert: Buffer; readonly key: Buffer } | null;
}

/** Where such a server is. */
export interface Place {
  readonly url: URL;
  /** The name in its certificate; null: that of the URL. */
  readonly serverName: string | null;
}

export interface HttpSettings extends MonitorSettings {
  readonly places: readonly Place[];
  readonly tls: TlsSettings;
  /** How long a connection and an answer may each take, milliseconds. */
  readonly timeout: number;
  /** The address to connect from; null: the system's choice. */
  readonly sourceAddress: string | null;
  /** The environment variables that name proxies, as they were when the agent started. */
  readonly proxies: Readonly<Record<string, string>>;
}

export const HTTP_KEYS = [
  'name',
  'ca',
  'serverName',
  'fingerprint',
  'cert',
  'key',
  'timeout',
  'sourceAddress',
] as const;

/** Read like curl and others do: in lower or upper case. */
const PROXIES = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);

/**
 * Reads the URLs and the keys that all such monitors have.
 * @param schemes that the URLs may have: `https:`
 */
export function readHttp(
  entry: MonitorEntry,
  schemes: readonly string[],
): Omit<HttpSettings, 'kind'> {
  const { place, keys, around } = entry;
  const { checker } = keys;
  const urls = checker.items(place).map((at) => readUrl(checker, at, schemes));
  if (urls.length === 0) checker.problem(place, 'must be a URL, not an empty list');
  const serverNames = keys.list('serverName', (at) => checker.text(at, 255));
  if (serverNames.length > 1 && serverNames.length !== urls.length) {
    const text = `must be one name, or one for each of the ${urls.length} URLs`;
    checker.problem(keys.get('serverName')!, text);
  }
  const places = urls.map((url, i) => ({
    url,
    serverName: serverNames[i] ?? serverNames[0] ?? null,
  }));
  const proxies = PROXIES.flatMap((name) => {
    const value = around.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    name: keys.read('name', (at) => checker.text(at, 255), urls.map(({ host }) => host).join(', ')),
    places,
    tls: {
      ca: keys.read('ca', (at) => pem(entry, at), null),
      fingerprints: keys.list('fingerprint', (at) => fingerprint(checker, at)),
      client: readClient(entry),
    },
    timeout: keys.duration('timeout', '10s', '1s', '5m'),
    sourceAddress: keys.read('sourceAddress', (at) => ownAddress(checker, at), null),
    proxies: Object.fromEntries(proxies),
  };
}

function readUrl(checker: Checker, at: Value, schemes: readonly string[]): URL {
  const text = checker.text(at, 1000);
  const url = URL.parse(text);
  const wanted = schemes.map((scheme) => `${scheme}//`).join(' or ');
  if (url === null || !schemes.includes(url.protocol)) {
    checker.problem(
      at,
      `must be a URL that begins with ${wanted}, not '${url === null ? text : `${url.protocol}…`}'`,
    );
    return new URL('https://unknown/');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    // The URL is not shown: it may contain a password.
    checker.problem(
      at,
      'must not contain a user, a password, a ? or a #: use the keys user, password and token',
    );
  }
  return url;
}

/** A PEM file; relative paths are relative to the configuration's file. */
function pem({ keys, around }: MonitorEntry, at: Value): Buffer | null {
  const path = resolve(around.directory, keys.checker.text(at));
  around.reads(path);
  try {
    const bytes = readFileSync(path);
    if (bytes.includes('-----BEGIN ')) return bytes;
    keys.checker.problem(at, `${path} is not a PEM file: it has no line -----BEGIN …`);
  } catch (error) {
    keys.checker.problem(at, whyNotRead(path, error));
  }
  return null;
}

function fingerprint(checker: Checker, at: Value): string {
  const digits = checker
    .text(at, 200)
    .replace(/^sha256[:=\s]*/i, '')
    .replaceAll(/[:\s]/g, '');
  if (!/^[0-9a-f]{64}$/i.test(digits)) {
    const text =
      'must be the SHA-256 of a certificate, 64 hexadecimal digits: openssl x509 -noout -fingerprint -sha256 -in FILE';
    checker.problem(at, text);
  }
  return digits.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:');
}

function readClient(entry: MonitorEntry): TlsSettings['client'] {
  const { keys, around, at } = entry;
  if (keys.has('cert') !== keys.has('key')) {
    keys.checker.problem(at, "has only one of 'cert' and 'key': a certificate needs both");
  }
  const cert = keys.read('cert', (file) => pem(entry, file), null);
  const key = keys.read('key', (file) => pem(entry, file), null);
  if (cert === null || key === null) return null;
  warnIfOpen(resolve(around.directory, keys.checker.text(keys.get('key')!)), around);
  return { cert, key };
}
