/** What the entries of all monitors that use TCP have in common. */
import type { Checker, Value } from '../config/checker.ts';
import type { MonitorEntry, MonitorSettings } from './kind.ts';
import { ipVersion } from '../text/address.ts';

/** Where such a monitor is, and how long to wait for it. */
export interface TcpSettings extends MonitorSettings {
  readonly host: string;
  readonly port: number;
  /** How long a connection and an answer may each take, milliseconds. */
  readonly timeout: number;
  /** The address to connect from; null: the system's choice. */
  readonly sourceAddress: string | null;
}

export const TCP_KEYS = ['name', 'timeout', 'sourceAddress'] as const;
/** The form of the value of such a monitor's key. */
export const HOST_PORT = 'HOST or HOST:PORT';

/**
 * Reads the keys of such a monitor, with HOST:PORT from the value of the kind's key.
 * @param standard the default port
 */
export function readTcp(entry: MonitorEntry, standard: number): Omit<TcpSettings, 'kind'> {
  return readTcpAt(entry, hostPort(entry.keys.checker, entry.place, standard));
}

/**
 * Reads the keys of such a monitor whose address was read already.
 * @param target where the monitor is, or the first of its places
 */
export function readTcpAt(
  { keys }: Pick<MonitorEntry, 'keys'>,
  target: { readonly host: string; readonly port: number },
): Omit<TcpSettings, 'kind'> {
  const { checker } = keys;
  return {
    name: keys.read('name', (at) => checker.text(at, 255), placeName(target)),
    ...target,
    timeout: keys.duration('timeout', '10s', '1s', '5m'),
    sourceAddress: keys.read('sourceAddress', (at) => ownAddress(checker, at), null),
  };
}

/** An address of this machine, as `sourceAddress` has it. */
export function ownAddress(checker: Checker, at: Value): string {
  const text = checker.text(at, 64);
  if (ipVersion(text) === 0)
    checker.problem(at, `must be an address of this machine, not '${text}'`);
  return text;
}

/**
 * The place in a typed address: what follows `SCHEME://`, or, for the default kind, an address
 * without a scheme. Null where the address belongs to another kind.
 */
export function placeIn(address: string, scheme: string, meantByDefault: boolean): string | null {
  const [, given, rest] = /^(?:([a-z0-9+-]+):\/\/)?([^/]+)\/?$/i.exec(address) ?? [];
  const own = given === undefined ? meantByDefault : given.toLowerCase() === scheme;
  return own && rest !== undefined ? rest : null;
}

/** `host`, `host:port`, `[v6]:port`, or a bare IPv6 address. */
export function hostPort(
  checker: Checker,
  at: Value,
  standard: number,
): { host: string; port: number } {
  const text = checker.text(at, 300);
  if (ipVersion(text) === 6) return { host: text, port: standard };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:\s/]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? standard : Number(digits);
  const right = host !== undefined && (bracketed === undefined || ipVersion(bracketed) === 6);
  if (!right || port < 1 || port > 65_535) {
    checker.problem(at, `must be HOST or HOST:PORT ([ADDRESS]:PORT for IPv6), not '${text}'`);
  }
  return { host: host ?? '', port };
}

function placeName({ host, port }: { host: string; port: number }): string {
  return ipVersion(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
