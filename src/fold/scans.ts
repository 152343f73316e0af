/** The two kinds of scan. */
import type { FoldConfig } from './config.ts';
import { daemonOf, firstAddress, networkKeyOf, sourceOf } from './key.ts';
import { Scans, type ScanOptions } from './scan.ts';
import { networkName, networkText, scanName, scanText } from './text.ts';

type Tell = ScanOptions['tell'];
type Rows = Iterable<readonly [string, string]>;

/** What both kinds have in common; scans that a former run saw go on where they are off now. */
function common({ scan, maxWindow, keys }: FoldConfig, tell: Tell) {
  return { window: scan?.window ?? 0, maxWindow, keys, tell };
}

/** One client refused by several daemons. */
export function clientScans(config: FoldConfig, tell: Tell, saved: Rows): Scans {
  return new Scans(
    {
      ...common(config, tell),
      prefix: 'scan:',
      threshold: config.scan?.daemons ?? null,
      place: (denial) => ({ group: sourceOf(denial), member: denial.daemon }),
      names: (client, daemons) => ({ clients: [client], daemons, name: scanName(client) }),
      from: (client) => ({ client, daemon: null }),
      text: scanText,
    },
    saved,
  );
}

/** One daemon that refused several clients of one network. */
export function networkScans(config: FoldConfig, tell: Tell, saved: Rows): Scans {
  return new Scans(
    {
      ...common(config, tell),
      prefix: 'network:',
      threshold: config.scan?.network ?? null,
      place(denial) {
        const group = networkKeyOf(denial);
        return group === null ? null : { group, member: sourceOf(denial) };
      },
      names: (group, clients) => ({
        clients,
        daemons: [daemonOf(group)],
        name: networkName(group),
      }),
      from: (group) => ({ client: firstAddress(group), daemon: daemonOf(group) }),
      text: networkText,
    },
    saved,
  );
}
