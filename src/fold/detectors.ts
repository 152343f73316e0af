/** The detectors: which denials are one group, and what alerts of a group say. */
import type { FoldConfig } from './config.ts';
import { Detector, type DetectorOptions } from './detector.ts';
import { networkKeyOf, partsOfNetworkKey, sourceOf } from './key.ts';

type Raise = DetectorOptions['raise'];
type Rows = Iterable<readonly [string, string]>;

/** What all have in common; groups that a former run saw go on where their detector is off now. */
function common({ scan, maxWindow, keys }: FoldConfig, raise: Raise) {
  return { window: scan?.window ?? 0, maxWindow, keys, raise };
}

/** One client refused by several daemons. */
export function scanDetector(config: FoldConfig, raise: Raise, saved: Rows): Detector {
  return new Detector(
    {
      ...common(config, raise),
      prefix: 'scan:',
      threshold: config.scan?.daemons ?? null,
      place: (denial) => ({ group: sourceOf(denial), member: denial.daemon }),
      clients: (client) => [client],
      daemons: (_, daemons) => daemons,
      part: (client) => ({ kind: 'scan', client }),
      alert: ({ group: client, members: daemons, ...rest }) => ({
        kind: 'scan',
        ...rest,
        client,
        daemons,
      }),
    },
    saved,
  );
}

/** One daemon that refused several clients of one network. */
export function networkDetector(config: FoldConfig, raise: Raise, saved: Rows): Detector {
  return new Detector(
    {
      ...common(config, raise),
      prefix: 'network:',
      threshold: config.scan?.network ?? null,
      place(denial) {
        const group = networkKeyOf(denial);
        return group === null ? null : { group, member: sourceOf(denial) };
      },
      clients: (_, clients) => clients,
      daemons: (group) => [partsOfNetworkKey(group).daemon],
      part: (group) => ({ kind: 'network-scan', ...partsOfNetworkKey(group) }),
      alert: ({ group, members: clients, ...rest }) => ({
        kind: 'network-scan',
        ...rest,
        ...partsOfNetworkKey(group),
        clients,
      }),
    },
    saved,
  );
}
