/** gearmand, from which Mod-Gearman's module in Naemon reads passive results. */
import { failover } from '../failover.ts';
import type { Monitor } from '../monitor.ts';
import type { GearmanSettings } from './config.ts';

/** Returns the monitor for this configuration; connects only when a session is opened. */
export function openGearman(settings: GearmanSettings): Monitor {
  const servers = settings.servers.map((server) => ({ ...settings, ...server }));
  const each = servers.map((server): Monitor => ({
    name: `${server.host}:${server.port}`,
    open: async (signal) => {
      const { startSession } = await import('./session.ts');
      return startSession(server, signal);
    },
    probe: async (_, signal) => {
      const { probe } = await import('./probe.ts');
      return probe(server, signal);
    },
  }));
  const one = each.length === 1 ? each[0]! : failover(each);
  return {
    name: settings.name,
    open: (signal) => one.open(signal),
    probe: async (services, signal) =>
      (await Promise.all(each.map((server) => server.probe(services, signal)))).flat(),
  };
}
