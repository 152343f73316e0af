/** Texts of alerts about more than one refusal. Every name in them is made safe. */
import type {
  CountedHost,
  CountedPart,
  Names,
  NetworkScanAlert,
  Part,
  ScanAlert,
  StormAlert,
  SweepAlert,
} from '../fold/alert.ts';
import { joinLines, line, type Line } from '../text/line.ts';

/** Seconds in a unit, the largest first. */
const UNITS: readonly [seconds: number, name: string][] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
];
/** Most names in a list, and most hosts where their number matters. */
const NAMES = 5;
const HOSTS = 3;

/** The subject of an alert, the same in any number of alerts, and what it reports about it. */
export interface AlertText {
  readonly headline: Line;
  readonly detail: Line;
}

/** A duration in its largest whole unit, rounded where that costs little: `60s`, `2m`, `1h`. */
function timeText(ms: number): Line {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const fits = (size: number) => seconds >= 10 * size || (seconds > 60 && seconds % size === 0);
  const [size, name] = UNITS.find(([unit]) => fits(unit)) ?? [1, 's'];
  return line`${Math.round(seconds / size)}${name}`;
}

/** ` (4 times)`, appended to a refusal that syslog counted; nothing for a single one. */
export function timesText(count: number): Line {
  return count > 1 ? line` (${count} times)` : line``;
}

/** ` (37 more in 60s)`, appended to the refusal that they repeat. */
export function repeatText(count: number, duration: number): Line {
  return line` (${count} more in ${timeText(duration)})`;
}

/** `Port scan from 203.0.113.7: refused by sshd, in.telnetd, vsftpd in 10s` */
export function scanText({ client, daemons, more, duration }: ScanAlert): AlertText {
  const counted = more === 0 ? line`` : line`${more} more, `;
  return {
    headline: line`Port scan from ${client}`,
    detail: line`: ${counted}refused by ${list(daemons)} in ${timeText(duration)}`,
  };
}

/** `Scan from 203.0.113.0/24: 8 clients refused by sshd in 10s` */
export function networkText(alert: NetworkScanAlert): AlertText {
  const { network, daemon, clients, more, duration } = alert;
  const who = line`${atLeast(clients.complete)}${some(clients.names.length, 'client')}`;
  const counted = more === 0 ? who : line`${more} more from ${who},`;
  return {
    headline: line`Scan from ${network}`,
    detail: line`: ${counted} refused by ${daemon} in ${timeText(duration)}`,
  };
}

/** `Sweep from 203.0.113.7: refused by sshd on 2000 hosts in 60s (web0000, web0001, web0002, …)` */
export function sweepText({ client, hosts, daemons, more, duration }: SweepAlert): AlertText {
  const counted = more === 0 ? line`` : line`${more} more, `;
  const on = line`${atLeast(hosts.complete)}${some(hosts.names.length, 'host')}`;
  const first = joinLines(
    hosts.names.slice(0, HOSTS).map((name) => line`${name}`),
    ', ',
  );
  const rest = hosts.names.length > HOSTS ? line`, …` : line``;
  return {
    headline: line`Sweep from ${client}`,
    detail: line`: ${counted}refused by ${list(daemons)} on ${on} in ${timeText(duration)} (${first}${rest})`,
  };
}

/**
 * `Denied 1532 connections from 48 clients to 3 daemons in 60s (most: sshd-203.0.113.7 ×910, …)`;
 * for several hosts also which: `… on 40 hosts in 60s (most: sshd-203.0.113.7 ×910, on web1 ×41,
 * …)`
 */
export function stormText(alert: StormAlert): AlertText {
  const { count, clients, daemons, hosts, complete, duration, most, topHosts } = alert;
  const from = line`${atLeast(complete)}${some(clients, 'client')}`;
  const to = some(daemons, 'daemon');
  const on = hosts < 2 ? line`` : line` on ${atLeast(complete)}${some(hosts, 'host')}`;
  const denied = line`Denied ${some(count, 'connection')} from ${from} to ${to}${on}`;
  const named = [...most.map(countedText), ...topHosts.map(hostText)];
  return {
    headline: line`${denied} in ${timeText(duration)}`,
    detail: named.length === 0 ? line`` : line` (most: ${joinLines(named, ', ')})`,
  };
}

/** `sshd-203.0.113.7 ×910` */
function countedText({ part, count }: CountedPart): Line {
  return line`${partText(part)} ×${count}`;
}

/** `on web0001 ×41`, with `on` before the first one only. */
const hostText = ({ host, count }: CountedHost, i: number) =>
  line`${i === 0 ? line`on ` : line``}${host} ×${count}`;

function partText(part: Part): Line {
  switch (part.kind) {
    case 'pair':
      return line`${part.daemon}-${part.client}`;
    case 'scan':
    case 'sweep':
      return line`${part.kind} from ${part.client}`;
    case 'network-scan':
  }
  return line`${part.daemon}-${part.network}`;
}

/** The first names, and how many more there are. */
function list({ names, complete }: Names): Line {
  const shown = joinLines(
    names.slice(0, NAMES).map((name) => line`${name}`),
    ', ',
  );
  if (names.length <= NAMES) return shown;
  return line`${shown} and ${atLeast(complete)}${names.length - NAMES} more`;
}

const AT_LEAST: Line = line`at least `;
const atLeast = (complete: boolean) => (complete ? line`` : AT_LEAST);
const some = (count: number, what: 'client' | 'connection' | 'daemon' | 'host') =>
  line`${count} ${what}${count === 1 ? line`` : line`s`}`;
