/** The keys of an `nsca:` monitor. */
import { resolve } from 'node:path';
import type { Checker, Value } from '../../config/checker.ts';
import { readSecret, SECRET_KEYS, warnIfOpen } from '../../config/secret.ts';
import type { Surroundings } from '../../config/surroundings.ts';
import { placeIn, readTcp, TCP_KEYS, type TcpSettings } from '../address.ts';
import type { DraftEntry, MonitorEntry } from '../kind.ts';
import { methodOf } from './cipher.ts';
import { readSendNscaConfig } from './send-nsca-config.ts';

export interface NscaSettings extends TcpSettings {
  readonly kind: 'nsca';
  /** Number of the encryption method in nsca.cfg. */
  readonly method: number;
  /** The password's bytes: never log, never show. */
  readonly password: Buffer;
  /** Longest output that the daemon takes: 4096, or 512 for the old form. */
  readonly outputSize: 4096 | 512;
}

export const KEYS = ['encryption', 'sendNscaConfig', 'packet', ...TCP_KEYS, ...SECRET_KEYS];

const PORT = 5667;
const PACKETS: Record<string, NscaSettings['outputSize']> = { '4304': 4096, '720': 512 };

/** Method and password: from a send_nsca.cfg if one is named; keys here override both. */
export function readNsca(entry: MonitorEntry): NscaSettings {
  const { at, keys, around } = entry;
  const { checker } = keys;
  const theirs = keys.read(
    'sendNscaConfig',
    (file) => sendNscaConfig(checker, file, around),
    undefined,
  );
  if (theirs?.password.at(-1) === 0x0d) {
    around.warn(
      `${at.key}: the lines of its sendNscaConfig end in CR LF, and send_nsca makes the CR part of the password: is that intended?`,
    );
  }
  const password = readSecret(entry) ?? theirs?.password ?? Buffer.alloc(0);
  // send_nsca's own default is XOR (1).
  const method = keys.read('encryption', (own) => readMethod(checker, own), theirs?.method) ?? 1;
  const isKnown = around.credentials || !keys.has('credential');
  if (isKnown && password.length === 0 && method !== 0 && checker.problems.length === 0) {
    around.warn(
      `${at.key}: no password: anybody could send results to a daemon without one; set one on both sides`,
    );
  }
  const outputSize = keys.choice('packet', PACKETS, 4096);
  return { kind: 'nsca', ...readTcp(entry, PORT), method, password, outputSize };
}

/** `HOST`, `HOST:PORT` or `nsca://HOST:PORT`. */
export function draftNsca(address: string): DraftEntry | null {
  const place = placeIn(address, 'nsca', true);
  if (place === null) return null;
  return {
    place,
    keys: [
      { key: 'encryption', value: '3des', missing: "decryption_method in the daemon's nsca.cfg" },
      {
        key: 'passwordFile',
        value: 'nsca.password',
        missing: "a file with the daemon's password",
        asks: "The daemon's password",
      },
    ],
  };
}

function readMethod(checker: Checker, at: Value): number | undefined {
  try {
    return methodOf(checker.text(at, 64)).number;
  } catch (error) {
    checker.problem(at, (error as Error).message);
    return undefined;
  }
}

function sendNscaConfig(checker: Checker, at: Value, around: Surroundings) {
  const path = resolve(around.directory, checker.text(at));
  around.reads(path);
  try {
    const read = readSendNscaConfig(path);
    if (read.password.length > 0) warnIfOpen(path, around);
    return read;
  } catch (error) {
    checker.problem(at, (error as Error).message);
    return undefined;
  }
}
