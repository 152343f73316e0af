/** What distinguishes denials. Parts are joined by a newline, which no log line can contain. */
import type { Denial } from '../parse/denial.ts';
import { networkOf } from './network.ts';

/**
 * Who was refused: the address where the line has one. A name may be text of the attacker's choice
 * (sslh, conman and diod do not verify it) or change with each lookup; the address cannot.
 */
export function sourceOf(denial: Denial): string {
  return denial.address ?? denial.client ?? 'unknown';
}

/** Denials of one key are repeats of each other. */
export function keyOf(denial: Denial): string {
  return `${denial.host ?? ''}\n${denial.daemon}\n${sourceOf(denial)}`;
}

/** Network and daemon; null where the line has no address. */
export function networkKeyOf(denial: Denial): string | null {
  const network = networkOf(denial.address);
  return network === null ? null : `${network}\n${denial.daemon}`;
}

/** The network, such as `203.0.113.0/24`, and the daemon of a `networkKeyOf`. */
export function partsOfNetworkKey(key: string): { network: string; daemon: string } {
  const end = key.indexOf('\n');
  return { network: key.slice(0, end), daemon: key.slice(end + 1) };
}
