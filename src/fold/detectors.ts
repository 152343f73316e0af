/** The kinds of groups: which denials belong together, and what their alerts report. */
import type { FoldConfig } from './config.ts';
import type { GroupKind } from './detector.ts';
import { networkKeyOf, partsOfNetworkKey, sourceOf } from './key.ts';

/** Most names of daemons or clients that are kept of a group. */
const MEMBERS = 32;

/**
 * All kinds, in the order in which they are asked: a sweep takes what would be a scan on one of its
 * hosts. A group that an earlier run found continues even if its kind is off now.
 */
export function groupKinds({ scan, keys }: FoldConfig): readonly GroupKind[] {
  return [
    sweep(scan?.hosts ?? null, keys),
    clientScan(scan?.daemons ?? null),
    networkScan(scan?.network ?? null),
  ];
}

/**
 * One client refused on several hosts. Their number matters more than an early report: the first
 * denials were alerts of their own.
 * @param keys most hosts of one sweep that are distinguished
 */
function sweep(threshold: number | null, keys: number): GroupKind {
  return {
    prefix: 'sweep:',
    threshold,
    members: Math.max(keys, threshold ?? 0),
    reported: 'ended',
    place: (denial) =>
      denial.host === null
        ? null
        : { group: sourceOf(denial), member: denial.host, daemon: denial.daemon },
    people: (client, hosts, daemons) => ({ clients: [client], daemons, hosts }),
    part: (client) => ({ kind: 'sweep', client }),
    alert: ({ at, count, more, duration, group: client, members: hosts, daemons }) => ({
      kind: 'sweep',
      at,
      count,
      more,
      duration,
      host: null,
      client,
      hosts,
      daemons,
    }),
  };
}

/** One client refused by several daemons. */
function clientScan(threshold: number | null): GroupKind {
  return {
    prefix: 'scan:',
    threshold,
    members: Math.max(MEMBERS, threshold ?? 0),
    reported: 'found',
    place: (denial) => ({ group: sourceOf(denial), member: denial.daemon }),
    people: (client, daemons) => ({ clients: [client], daemons }),
    part: (client) => ({ kind: 'scan', client }),
    alert: ({ at, count, more, duration, host, group: client, members: daemons }) => ({
      kind: 'scan',
      at,
      count,
      more,
      duration,
      host,
      client,
      daemons,
    }),
  };
}

/** One daemon that refused several clients of one network. */
function networkScan(threshold: number | null): GroupKind {
  return {
    prefix: 'network:',
    threshold,
    members: Math.max(MEMBERS, threshold ?? 0),
    reported: 'found',
    place(denial) {
      const group = networkKeyOf(denial);
      return group === null ? null : { group, member: sourceOf(denial) };
    },
    people: (group, clients) => ({ clients, daemons: [partsOfNetworkKey(group).daemon] }),
    part: (group) => ({ kind: 'network-scan', ...partsOfNetworkKey(group) }),
    alert: ({ at, count, more, duration, host, group, members: clients }) => ({
      kind: 'network-scan',
      at,
      count,
      more,
      duration,
      host,
      ...partsOfNetworkKey(group),
      clients,
    }),
  };
}
