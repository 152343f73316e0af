/** The services that a configuration reports to, to ask a monitor whether it has them. */
import type { Service } from '../monitor/monitor.ts';
import { hostNames } from '../result/host-names.ts';
import type { Config } from './config.ts';

/**
 * Each service under each host name in the configuration. If names come from the log (`{host}`),
 * hosts that only the log names are not included.
 */
export function servicesOf(config: Config): Service[] {
  const { host, hosts, service, rules, heartbeat } = config;
  const own = hostNames(config)(null);
  const names = host.includes('{') ? [own, ...hosts.map.values()] : [own];
  const all: Service[] = names.map((name) => ({ host: name, service }));
  for (const rule of rules.filter(({ ignore }) => !ignore)) {
    const ruled = rule.host === null ? names : fixed(rule.host);
    all.push(...ruled.map((name) => ({ host: name, service: rule.service ?? service })));
  }
  if (heartbeat !== null) all.push({ host: own, service: heartbeat.service });
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

function fixed(name: string): string[] {
  return name.includes('{') ? [] : [name];
}
