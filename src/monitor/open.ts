/** The kinds of monitors, by configuration. */
import type { Config, MonitorConfig } from '../config/config.ts';
import { failover } from './failover.ts';
import type { Monitor } from './monitor.ts';
import { openNsca } from './nsca/nsca.ts';
import { openNscaNg } from './nsca-ng/nsca-ng.ts';

/** Gives the monitor for a configuration; it connects only when a session is opened. */
export function openMonitor(config: MonitorConfig): Monitor {
  return config.kind === 'nsca' ? openNsca(config) : openNscaNg(config);
}

/** The monitors that each get every result: those configured, or one that stands for them. */
export function openMonitors({
  monitors,
  deliver,
}: Pick<Config, 'monitors' | 'deliver'>): Monitor[] {
  const each = monitors.map(openMonitor);
  return deliver === 'first' && each.length > 1 ? [failover(each)] : each;
}
