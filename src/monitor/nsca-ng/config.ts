/** The keys of an `nsca-ng:` monitor. */
import { hostname } from 'node:os';
import { readSecret, SECRET_KEYS } from '../../config/secret.ts';
import { placeIn, readTcp, TCP_KEYS, type TcpSettings } from '../address.ts';
import type { DraftEntry, MonitorEntry } from '../kind.ts';

export interface NscaNgSettings extends TcpSettings {
  readonly kind: 'nsca-ng';
  /** Who we are to the server: the name of an `authorize` section in its configuration. */
  readonly identity: string;
  /** The password's bytes: never log, never show. */
  readonly password: Buffer;
}

export const KEYS = ['identity', ...TCP_KEYS, ...SECRET_KEYS];

const PORT = 5668;

/** NSCA-ng knows its clients by an identity and the password that goes with it. */
export function readNscaNg(entry: MonitorEntry): NscaNgSettings {
  const { at, keys } = entry;
  const { checker } = keys;
  const password = readSecret(entry);
  if (password === null && !SECRET_KEYS.some((key) => keys.has(key))) {
    checker.problem(
      at,
      "has no password: NSCA-ng needs one ('password', 'passwordFile' or 'credential')",
    );
  }
  return {
    kind: 'nsca-ng',
    ...readTcp(entry, PORT),
    identity: keys.read('identity', (who) => checker.text(who, 127), hostname()),
    password: password ?? Buffer.alloc(0),
  };
}

/** `nsca-ng://HOST:PORT`. */
export function draftNscaNg(address: string): DraftEntry | null {
  const place = placeIn(address, 'nsca-ng', false);
  if (place === null) return null;
  return {
    place,
    keys: [
      {
        key: 'identity',
        value: hostname(),
        missing: "an authorize section of the server's nsca-ng.cfg",
      },
      { key: 'passwordFile', value: 'nsca-ng.password', missing: 'a file with its password' },
    ],
  };
}
