/** The one alert that tells a period of a storm. */
import type { Alert } from './alert.ts';
import { sourceOf } from './key.ts';
import type { ScanPart } from './scan.ts';
import type { Period } from './storm.ts';
import { pairName, stormText } from './text.ts';
import type { Window } from './window.ts';

/** Tells all that windows and scans have counted; null if that is nothing. */
export function summary(
  period: Period,
  windows: Iterable<Window>,
  scans: Iterable<ScanPart>,
): { alert: Alert | null; keys: number } {
  const clients = new Set<string>();
  const daemons = new Set(period.daemons);
  let { start, count, host } = period;
  let complete = period.count === 0;
  let keys = 0;
  const most: Named[] = [];
  const part = (name: string, from: number, more: number, on: string | null) => {
    keys++;
    if (more > 1) most.push({ name, count: more });
    start = Math.min(start, from);
    count += more;
    host = host === undefined || host === on ? on : null;
  };
  for (const window of windows) {
    if (window.count === 0) continue;
    part(pairName(window.denial), window.start, window.count, window.denial.host);
    clients.add(sourceOf(window.denial));
    daemons.add(window.denial.daemon);
  }
  for (const scan of scans) {
    part(scan.name, scan.start, scan.count, scan.host);
    complete &&= scan.complete;
    for (const client of scan.clients) clients.add(client);
    for (const daemon of scan.daemons) daemons.add(daemon);
  }
  if (count === 0) return { alert: null, keys };
  const text = stormText({
    count,
    clients: clients.size,
    daemons: daemons.size,
    complete,
    time: period.end - start,
    most: most.toSorted(byCount),
  });
  return {
    alert: { kind: 'storm', at: period.end, host: host ?? null, count, denial: null, text },
    keys,
  };
}

interface Named {
  readonly name: string;
  readonly count: number;
}

/** The most first; of two with as many the order is always the same, also after a restart. */
function byCount(a: Named, b: Named): number {
  return b.count - a.count || (a.name < b.name ? -1 : 1);
}
