/** Words of alerts. Every name in them is made safe here. */
import type { Denial } from '../parse/denial.ts';
import { safe } from '../text/name.ts';
import type { ScanTold } from './scan.ts';

/** Seconds in a unit, the largest first. */
const UNITS: readonly [seconds: number, name: string][] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
];
/** Most names in a list. */
const NAMES = 5;
/** Most names in the summary of a storm. */
const MOST = 3;

/** A duration in its largest whole unit, rounded where that costs little: `60s`, `2m`, `1h`. */
function duration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const fits = (size: number) => seconds >= 10 * size || (seconds > 60 && seconds % size === 0);
  const [size, name] = UNITS.find(([unit]) => fits(unit)) ?? [1, 's'];
  return `${Math.round(seconds / size)}${name}`;
}

/** ` (37 more in 60s)`, to follow the denial that they are like. */
export function repeatText(count: number, time: number): string {
  return ` (${count} more in ${duration(time)})`;
}

/** `Port scan from 203.0.113.7: refused by sshd, in.telnetd, vsftpd in 10s` */
export function scanText({ group, members, complete, more, time }: ScanTold): string {
  const counted = more === 0 ? '' : `${more} more, `;
  const by = `refused by ${list(members, complete)}`;
  return `Port scan from ${safe(group)}: ${counted}${by} in ${duration(time)}`;
}

/** `Scan from 203.0.113.0/24: 8 clients refused by sshd in 10s` */
export function networkText({ group, members, complete, more, time }: ScanTold): string {
  const [network = '', daemon = ''] = group.split('\n');
  const who = `${complete ? '' : 'at least '}${some(members.length, 'client')}`;
  const counted = more === 0 ? who : `${more} more from ${who},`;
  return `Scan from ${safe(network)}: ${counted} refused by ${safe(daemon)} in ${duration(time)}`;
}

interface StormTold {
  readonly count: number;
  readonly clients: number;
  readonly daemons: number;
  /** False if some keys had to be given up, so that there may be more clients than these. */
  readonly complete: boolean;
  /** ms */
  readonly time: number;
  /** What was refused most, with its count, the most first; as many as are worth it. */
  readonly most: readonly { readonly name: string; readonly count: number }[];
}

/** `Denied 1532 connections from 48 clients to 3 daemons in 60s (most: sshd-203.0.113.7 ×910, …)` */
export function stormText(told: StormTold): string {
  const { count, clients, daemons, complete, time, most } = told;
  const from = `${complete ? '' : 'at least '}${some(clients, 'client')}`;
  const denied = `Denied ${some(count, 'connection')} from ${from} to ${some(daemons, 'daemon')}`;
  const names = most.slice(0, MOST).map((one) => `${one.name} ×${one.count}`);
  return `${denied} in ${duration(time)}${names.length === 0 ? '' : ` (most: ${names.join(', ')})`}`;
}

/** `sshd-203.0.113.7` */
export function pairName({ daemon, client, address }: Denial): string {
  return `${safe(daemon)}-${safe(client ?? address)}`;
}

/** `scan from 203.0.113.7` */
export function scanName(client: string): string {
  return `scan from ${safe(client)}`;
}

/** `sshd-203.0.113.0/24` */
export function networkName(group: string): string {
  const [network = '', daemon = ''] = group.split('\n');
  return `${safe(daemon)}-${safe(network)}`;
}

function list(names: readonly string[], complete: boolean): string {
  const shown = names.slice(0, NAMES).map(safe).join(', ');
  if (names.length <= NAMES) return shown;
  return `${shown} and ${complete ? '' : 'at least '}${names.length - NAMES} more`;
}

const some = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
