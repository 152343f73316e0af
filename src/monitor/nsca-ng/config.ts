/** The keys of an `nsca-ng:` monitor. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Checker, Value } from '../../config/checker.ts';
import { readSecret, SECRET_KEYS, warnIfOpen } from '../../config/secret.ts';
import type { Surroundings } from '../../config/surroundings.ts';
import { placeIn, readTcp, TCP_KEYS, type TcpSettings } from '../address.ts';
import type { DraftEntry, MonitorEntry } from '../kind.ts';
import { readNscaNgClientConfig, type NscaNgClientConfig } from './send-nsca-config.ts';

export interface NscaNgSettings extends TcpSettings {
  readonly kind: 'nsca-ng';
  /** Our identity: the name of an `authorize` section in the server's configuration. */
  readonly identity: string;
  /** The password's bytes: never log, never show. */
  readonly password: Buffer;
}

export const KEYS = ['identity', 'sendNscaConfig', ...TCP_KEYS, ...SECRET_KEYS];

const PORT = 5668;

/**
 * NSCA-ng knows its clients by an identity and the password that goes with it: from a send_nsca.cfg
 * if one is named; keys here override both.
 */
export function readNscaNg(entry: MonitorEntry): NscaNgSettings {
  const { at, keys, around } = entry;
  const { checker } = keys;
  const theirs = keys.read('sendNscaConfig', (file) => clientConfig(checker, file, around), null);
  const password = readSecret(entry) ?? theirs?.password ?? null;
  if (password === null && !SECRET_KEYS.some((key) => keys.has(key))) {
    checker.problem(
      at,
      "has no password: NSCA-ng needs one ('password', 'passwordFile', 'credential' or 'sendNscaConfig')",
    );
  }
  return {
    kind: 'nsca-ng',
    ...readTcp(entry, PORT),
    identity: keys.read(
      'identity',
      (who) => checker.text(who, 127),
      theirs?.identity ?? hostname(),
    ),
    password: password ?? Buffer.alloc(0),
  };
}

function clientConfig(
  checker: Checker,
  at: Value,
  around: Surroundings,
): NscaNgClientConfig | null {
  const path = resolve(around.directory, checker.text(at));
  around.reads(path);
  try {
    const read = readNscaNgClientConfig(path);
    if (read.password !== null) warnIfOpen(path, around);
    return read;
  } catch (error) {
    checker.problem(at, (error as Error).message);
    return null;
  }
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
      {
        key: 'passwordFile',
        value: 'nsca-ng.password',
        missing: 'a file with its password',
        asks: 'The password of that identity',
      },
    ],
  };
}
