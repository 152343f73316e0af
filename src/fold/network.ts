/** Networks of addresses, of a size that one attacker commonly controls. */

/**
 * The /24 of an IPv4 address, the /64 of an IPv6 address; null where it is not an address.
 * @param bits of IPv6, a multiple of 16
 */
export function networkOf(address: string | null, bits = 64): string | null {
  if (address === null) return null;
  const dotted = /^(\d+\.\d+\.\d+)\.\d+$/.exec(address);
  if (dotted !== null) return `${dotted[1]}.0/24`;
  const [head = '', tail] = address.replace(/%.*$/, '').toLowerCase().split('::');
  if (!address.includes(':')) return null;
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const rest = tail === '' ? 0 : tail.split(':').length;
    while (groups.length + rest < 8) groups.push('0');
    if (rest > 4) groups.push(...tail.split(':'));
  }
  const first = groups.slice(0, bits / 16).map((group) => parseInt(group, 16).toString(16));
  return `${first.join(':')}::/${bits}`;
}
