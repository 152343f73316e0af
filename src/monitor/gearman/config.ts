/** The keys of a `gearman:` monitor: gearmand, which Mod-Gearman's module reads results from. */
import { readSecret, type SecretKeys } from '../../config/secret.ts';
import { hostPort, placeIn, readTcpAt, TCP_KEYS, type TcpSettings } from '../address.ts';
import type { DraftEntry, MonitorEntry } from '../kind.ts';
import { keyFrom } from './key.ts';

/** Host and port are those of the first server. */
export interface GearmanSettings extends TcpSettings {
  readonly kind: 'gearman';
  /** The servers, in the order in which they are tried. */
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  /** The key's 32 bytes: never log, never show. Null: results are not encrypted. */
  readonly key: Buffer | null;
}

/** The names of Mod-Gearman's own configuration. */
const KEY_KEYS: SecretKeys = ['key', 'keyFile', 'credential'];
export const KEYS = ['key', 'keyFile', 'credential', 'encryption', ...TCP_KEYS];
const PORT = 4730;

/** One address or a list. A key is required, unless encryption is turned off. */
export function readGearman(entry: MonitorEntry): GearmanSettings {
  const { at, place, keys } = entry;
  const { checker } = keys;
  const servers = checker.items(place).map((item) => hostPort(checker, item, PORT));
  if (servers.length === 0) checker.problem(place, 'is empty: name at least one gearmand');
  const secret = readSecret(entry, KEY_KEYS);
  const encrypts = keys.choice('encryption', { true: true, false: false }, true);
  const given = KEY_KEYS.some((key) => key !== undefined && keys.has(key));
  if (!encrypts && given)
    checker.problem(at, "has a key, and 'encryption: false': keep one of them");
  if (encrypts && (!given || secret?.length === 0)) {
    const text =
      "has no key: give it Mod-Gearman's ('key', 'keyFile' or 'credential'), or 'encryption: false'";
    checker.problem(at, text);
  }
  return {
    kind: 'gearman',
    ...readTcpAt(entry, servers[0] ?? { host: '', port: PORT }),
    servers,
    key: encrypts ? keyFrom(secret ?? Buffer.alloc(0)) : null,
  };
}

/** `gearman://HOST:PORT`. */
export function draftGearman(address: string): DraftEntry | null {
  const place = placeIn(address, 'gearman', false);
  if (place === null) return null;
  const missing = "a file with the key in Mod-Gearman's module.conf";
  return { place, keys: [{ key: 'keyFile', value: 'gearman.key', missing, asks: 'The key' }] };
}
