/** The entries of `monitors`. */
import { isIP, isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { isMap } from 'yaml';
import { methodOf } from '../monitor/nsca/cipher.ts';
import { readSendNscaConfig } from '../monitor/send-nsca-config.ts';
import type { Checker, Value } from './checker.ts';
import type { MonitorConfig, NscaMonitorConfig, NscaNgMonitorConfig } from './config.ts';
import type { Surroundings } from './schema.ts';
import { readSecret, SECRET_KEYS, warnIfOpen } from './secret.ts';

const PACKETS = { '4304': 4096, '720': 512 } as const;

type Fields = ReadonlyMap<string, Value>;

const COMMON = ['name', 'timeout', 'sourceAddress', ...SECRET_KEYS];
const NSCA = ['nsca', 'encryption', 'sendNscaConfig', 'packet', ...COMMON];
const NSCA_NG = ['nsca-ng', 'identity', ...COMMON];

/** One monitor, undefined where it cannot be made out (the checker has noted why). */
export function readMonitor(
  checker: Checker,
  at: Value,
  around: Surroundings,
): MonitorConfig | undefined {
  const isNg = isMap(at.node) && at.node.has('nsca-ng');
  const fields = checker.fields(at, isNg ? NSCA_NG : NSCA);
  const address = fields.get(isNg ? 'nsca-ng' : 'nsca');
  if (address === undefined) {
    checker.problem(at, "has no 'nsca' or 'nsca-ng': name the monitor as HOST or HOST:PORT");
    return undefined;
  }
  const place = hostPort(checker, address, isNg ? 5668 : 5667);
  const name = fields.get('name');
  const timeout = fields.get('timeout');
  const source = fields.get('sourceAddress');
  const common = {
    name: name === undefined ? placeName(place) : checker.text(name, 255),
    ...place,
    timeout: timeout === undefined ? 10_000 : checker.duration(timeout, '1s', '5m'),
    sourceAddress: source === undefined ? null : ownAddress(checker, source),
  };
  return isNg
    ? { kind: 'nsca-ng', ...common, ...identity(checker, at, fields, around) }
    : { kind: 'nsca', ...common, ...nsca(checker, at, fields, around) };
}

/** NSCA-ng knows its clients by an identity and the password that goes with it. */
function identity(
  checker: Checker,
  at: Value,
  fields: Fields,
  around: Surroundings,
): Pick<NscaNgMonitorConfig, 'identity' | 'password'> {
  const who = fields.get('identity');
  const password = readSecret(checker, at, fields, around);
  if (password === null && !SECRET_KEYS.some((key) => fields.has(key))) {
    checker.problem(
      at,
      "has no password: NSCA-ng needs one ('password', 'passwordFile' or 'credential')",
    );
  }
  return {
    identity: who === undefined ? hostname() : checker.text(who, 127),
    password: password ?? Buffer.alloc(0),
  };
}

/** Method and password: from a send_nsca.cfg where one is named, each overridden by a key here. */
function nsca(
  checker: Checker,
  at: Value,
  fields: Fields,
  around: Surroundings,
): Pick<NscaMonitorConfig, 'method' | 'password' | 'outputSize'> {
  const file = fields.get('sendNscaConfig');
  const theirs = file === undefined ? undefined : sendNscaConfig(checker, file, around);
  const own = fields.get('encryption');
  const password = readSecret(checker, at, fields, around) ?? theirs?.password ?? Buffer.alloc(0);
  // send_nsca's own default is XOR (1).
  const method = own === undefined ? (theirs?.method ?? 1) : (readMethod(checker, own) ?? 1);
  if (password.length === 0 && method !== 0 && checker.problems.length === 0) {
    around.warn(
      `${at.key}: no password: anybody could send results to a daemon set up like that; give both sides one`,
    );
  }
  const packet = fields.get('packet');
  const outputSize = packet === undefined ? 4096 : (checker.choice(packet, PACKETS) ?? 4096);
  return { method, password, outputSize };
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
  try {
    const read = readSendNscaConfig(path);
    warnIfOpen(path, around);
    return read;
  } catch (error) {
    checker.problem(at, (error as Error).message);
    return undefined;
  }
}

function ownAddress(checker: Checker, at: Value): string {
  const text = checker.text(at, 64);
  if (isIP(text) === 0) checker.problem(at, `must be an address of this machine, not '${text}'`);
  return text;
}

/** `host`, `host:port`, `[v6]:port`, or a bare IPv6 address. */
function hostPort(checker: Checker, at: Value, standard: number): { host: string; port: number } {
  const text = checker.text(at, 300);
  if (isIPv6(text)) return { host: text, port: standard };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:\s/]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? standard : Number(digits);
  const right = host !== undefined && (bracketed === undefined || isIPv6(bracketed));
  if (!right || port < 1 || port > 65_535) {
    checker.problem(at, `must be HOST or HOST:PORT ([ADDRESS]:PORT for IPv6), not '${text}'`);
  }
  return { host: host ?? '', port };
}

function placeName({ host, port }: { host: string; port: number }): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
