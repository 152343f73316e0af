/** Addresses as programs print them, in the canonical form in which they are compared. */
import { isIP } from 'node:net';

/** Four numbers up to 255, without leading zeros. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/**
 * The version of IP of an address, 4 or 6; 0 if the text is no address. The same as `isIP`, but most
 * texts need no node:net, which takes 2 ms to load.
 */
export function ipVersion(text: string): 0 | 4 | 6 {
  const colon = text.indexOf(':');
  if (colon === -1) return IPV4.test(text) ? 4 : 0;
  // With one colon it is HOST:PORT, no address.
  return text.includes(':', colon + 1) && isIP(text) === 6 ? 6 : 0;
}

/**
 * The canonical form of an address: IPv4 as it is, IPv6 by RFC 5952, an IPv4-mapped address (in any
 * notation) as IPv4. A zone id (`%eth0`) stays. Null for anything else, such as a name.
 */
export function addressOf(text: string): string | null {
  const version = ipVersion(text);
  if (version !== 6) return version === 4 ? text : null;
  const percent = text.indexOf('%');
  const zone = percent === -1 ? '' : text.slice(percent);
  const groups = groupsOf(percent === -1 ? text : text.slice(0, percent));
  const [high, low] = [groups[6]!, groups[7]!];
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)) {
    return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  }
  return shortest(groups) + zone;
}

/** A client as it is shown: an address in its canonical form, a name as logged. */
export function shownClient(client: string | null): string | null {
  return client === null ? null : (addressOf(client) ?? client);
}

/** The eight groups of a valid IPv6 address without a zone. */
function groupsOf(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const before = groupsIn(head);
  if (tail === undefined) return before;
  const after = groupsIn(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function groupsIn(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return parseInt(group, 16);
    const [a, b, c, d] = group.split('.').map(Number) as [number, number, number, number];
    return [(a << 8) | b, (c << 8) | d];
  });
}

/** Groups in hexadecimal, with `::` for the first of the longest runs of two or more zeros. */
function shortest(groups: readonly number[]): string {
  let [start, length] = [-1, 1];
  for (let from = 0; from < 8; from++) {
    let to = from;
    while (groups[to] === 0) to++;
    if (to - from > length) [start, length] = [from, to - from];
  }
  const hex = groups.map((group) => group.toString(16));
  if (start === -1) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}
