/** The one alert that reports a period of a storm. */
import type { CountedPart, Part, StormAlert } from './alert.ts';
import type { GroupPart } from './detector.ts';
import { sourceOf } from './key.ts';
import type { Period } from './storm.ts';
import type { Window } from './window.ts';

/** Most parts that a summary names. */
const MOST = 3;

/** Sums up all that windows and groups have counted; null if that is nothing. */
export function summary(
  period: Period,
  windows: Iterable<Window>,
  groups: Iterable<GroupPart>,
): { alert: StormAlert | null; keys: number } {
  const clients = new Set<string>();
  const daemons = new Set(period.daemons);
  let { start, count, host } = period;
  let complete = period.count === 0;
  let keys = 0;
  const most: CountedPart[] = [];
  const add = (part: Part, from: number, more: number, on: string | null) => {
    keys++;
    if (more > 1) most.push({ part, count: more });
    start = Math.min(start, from);
    count += more;
    host = host === undefined || host === on ? on : null;
  };
  for (const { denial, start: from, count: more } of windows) {
    if (more === 0) continue;
    const { daemon, client, address } = denial;
    add({ kind: 'pair', daemon, client: client ?? address }, from, more, denial.host);
    clients.add(sourceOf(denial));
    daemons.add(daemon);
  }
  for (const group of groups) {
    add(group.part, group.start, group.count, group.host);
    complete &&= group.complete;
    for (const client of group.clients) clients.add(client);
    for (const daemon of group.daemons) daemons.add(daemon);
  }
  if (count === 0) return { alert: null, keys };
  const alert: StormAlert = {
    kind: 'storm',
    at: period.end,
    host: host ?? null,
    count,
    clients: clients.size,
    daemons: daemons.size,
    complete,
    duration: period.end - start,
    most: most.toSorted(byCount).slice(0, MOST),
  };
  return { alert, keys };
}

/** The most first; of two with as many the order is always the same, also after a restart. */
function byCount(a: CountedPart, b: CountedPart): number {
  return b.count - a.count || (nameOf(a.part) < nameOf(b.part) ? -1 : 1);
}

const nameOf = (part: Part) => Object.values(part).join('\n');
