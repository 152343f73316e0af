/**
 * Maps logging hosts to the monitor's hosts, for an agent that reports for many (`host: '{host}'`).
 */
import type { ResultConfig } from './config.ts';
import { safe } from '../text/name.ts';
import { namePattern } from './name-pattern.ts';

const LOGGED = '{host}';

/** Whether an agent reports for all the hosts whose lines it reads. */
export function isOfManyHosts({ host }: Pick<ResultConfig, 'host'>): boolean {
  return host.includes(LOGGED);
}

/**
 * Returns the function that maps a logging host to a host_name; the host is null where the line
 * names none or an alert is about several. The sender of a log line chooses the name in it: where
 * there is an allow-list, a host that is not on it is reported under `hosts.other`, and so is one
 * whose name is longer than the monitors can carry. A name in the list or the map is spelt as
 * there: for Nagios WEB1 and web1 are two hosts.
 */
export function hostNames({
  host,
  hosts,
}: Pick<ResultConfig, 'host' | 'hosts'>): (logged: string | null) => string {
  if (!isOfManyHosts({ host })) return () => host;
  const mapped = firstOf([...hosts.map]);
  const allowed =
    hosts.allow === null ? null : firstOf(hosts.allow.map((name) => [name, name] as const));
  return (logged) => {
    if (logged === null) return hosts.other;
    const known = mapped(logged);
    if (known !== undefined) return known;
    const listed = allowed === null ? logged : allowed(logged);
    if (listed === undefined) return hosts.other;
    const name = host.replaceAll(LOGGED, safe(isPattern(listed) ? logged : listed));
    return Buffer.byteLength(name) > hosts.longest ? hosts.other : name;
  };
}

const isPattern = (name: string) => /[*?]|^ALL$/.test(name);

/**
 * Returns the function that finds the value of a name: of the name itself, or of the first matching
 * pattern.
 */
function firstOf<T>(entries: readonly (readonly [name: string, value: T])[]) {
  const exact = new Map(
    entries
      .filter(([name]) => !isPattern(name))
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .toReversed(),
  );
  const patterns = entries
    .filter(([name]) => isPattern(name))
    .map(([name, value]) => ({ isName: namePattern(name), value }));
  return (name: string): T | undefined =>
    exact.get(name.toLowerCase()) ?? patterns.find(({ isName }) => isName(name))?.value;
}
