/** Which host in the monitor a logging host is, for an agent that speaks for many (`host: '{host}'`). */
import type { ResultConfig } from './config.ts';
import { safe } from '../text/name.ts';
import { namePattern } from './name-pattern.ts';

const LOGGED = '{host}';

/** Whether an agent speaks for all the hosts whose lines it reads. */
export function isOfManyHosts({ host }: Pick<ResultConfig, 'host'>): boolean {
  return host.includes(LOGGED);
}

/**
 * Gives the function from a logging host, null where the line names none or an alert is about
 * several, to a host_name. The name in a log line is the word of whoever sent the line: where there
 * is an allow-list, a host that is not on it is told under `hosts.other`.
 */
export function hostNames({
  host,
  hosts,
}: Pick<ResultConfig, 'host' | 'hosts'>): (logged: string | null) => string {
  if (!isOfManyHosts({ host })) return () => host;
  const allowed = hosts.allow?.map(namePattern);
  return (logged) => {
    const mapped = logged === null ? hosts.other : hosts.map.get(logged);
    if (mapped !== undefined) return mapped;
    const known = allowed === undefined || allowed.some((one) => one.test(logged!));
    return known ? host.replaceAll(LOGGED, safe(logged)) : hosts.other;
  };
}
