/** The kinds of monitors, by configuration. */
import type { NscaMonitorConfig } from '../config/config.ts';
import type { Monitor } from './monitor.ts';
import { openNsca } from './nsca/nsca.ts';

/** Gives the monitor for a configuration; it connects only when a session is opened. */
export function openMonitor(config: NscaMonitorConfig): Monitor {
  return openNsca(config);
}
