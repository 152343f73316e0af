/** A drop-in for the unit that lets the agent connect to its monitors and nowhere else. */
import { lookup } from 'node:dns/promises';
import { getServers } from 'node:dns';
import { isIP } from 'node:net';

/**
 * The lines of the drop-in.
 * @param monitors their addresses: `HOST`, `HOST:PORT` or a URL; a path needs no network
 */
export async function networkDropIn(monitors: readonly string[]): Promise<string[]> {
  const hosts = monitors.flatMap((monitor) => hostOf(monitor) ?? []);
  const found = await Promise.all(hosts.map(addressesOf));
  // A name is looked up again for each connection.
  const servers = hosts.every((host) => isIP(host) !== 0) ? [] : getServers().map(withoutPort);
  const allowed = new Set([
    'localhost',
    ...found.flat(),
    ...servers.filter((one) => !isLocal(one)),
  ]);
  return [
    '[Service]',
    'IPAddressDeny=any',
    ...Array.from(allowed, (address) => `IPAddressAllow=${address}`),
  ];
}

/** The host of a monitor, without brackets; null for a path. */
export function hostOf(monitor: string): string | null {
  if (monitor.startsWith('/')) return null;
  const place = /^[a-z][\w+.-]*:\/\//i.test(monitor) ? monitor : `nsca://${monitor}`;
  const url = URL.canParse(place) ? new URL(place) : null;
  return url === null ? null : url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** All addresses of a name, none if it cannot be looked up now. */
async function addressesOf(host: string): Promise<string[]> {
  try {
    const found = await lookup(host, { all: true });
    return found.map(({ address }) => address).filter((address) => !isLocal(address));
  } catch {
    return [];
  }
}

/** A server's address as Node gives it: `192.0.2.1`, `192.0.2.1:5353`, `[2001:db8::1]:5353`. */
function withoutPort(server: string): string {
  return isIP(server) === 0 ? server.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1') : server;
}

function isLocal(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
