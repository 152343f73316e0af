/** Addresses as programs print them in their logs. */
import { isIP } from 'node:net';

/** The IPv4 part of an IPv4-mapped address with the usual dotted end. */
const MAPPED = /^(?:::|(?:0{1,4}:){5})ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;
/** The same with hexadecimal groups: socat prints all eight. */
const MAPPED_HEX = /^(?:::|(?:0{1,4}:){5})ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i;
/** Gives an IPv4-mapped IPv6 address as IPv4, and everything else as it is. */
export function foldMapped(address: string): string {
  const dotted = MAPPED.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  const hex = MAPPED_HEX.exec(address);
  if (hex === null) return address;
  const [high, low] = [parseInt(hex[1]!, 16), parseInt(hex[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The address that a client token is, or null where it is a name (which may look like one). */
export function addressOf(client: string): string | null {
  return isIP(client) === 0 ? null : foldMapped(client);
}
