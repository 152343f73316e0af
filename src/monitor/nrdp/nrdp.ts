/** A monitor that takes results with NRDP: batches of them, each answered as a whole. */
import type { Finding, Monitor } from '../monitor.ts';
import type { NrdpSettings } from './config.ts';
import type { Server } from './server.ts';

/** Returns the monitor for this configuration; connects only when a session is opened. */
export function openNrdp(settings: NrdpSettings): Monitor {
  let loaded: Server | null = null;
  const load = async () => {
    if (loaded === null) {
      const { Server: Loaded } = await import('./server.ts');
      loaded = new Loaded(settings);
    }
    return loaded;
  };
  return {
    name: settings.name,
    open: async (signal) => (await load()).open(signal),
    async probe(_services, signal): Promise<readonly Finding[]> {
      const server = await load();
      try {
        const version = await server.greet(signal);
        await server.offer(signal);
        return [{ kind: 'ok', text: `${server.where} (NRDP ${version}) takes the token` }];
      } finally {
        server.close();
      }
    },
  };
}
