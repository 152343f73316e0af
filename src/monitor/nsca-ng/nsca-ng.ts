/** A monitor that listens with NSCA-ng: TLS with a pre-shared key, and an answer to each result. */
import type { Monitor } from '../monitor.ts';
import type { NscaNgSettings } from './config.ts';
import { nscaNgProtocol } from './protocol.ts';

/** Returns the monitor for this configuration; connects only when a session is opened. */
export function openNscaNg(config: NscaNgSettings): Monitor {
  const open = async (signal: AbortSignal) => {
    const { startSession } = await import('./session.ts');
    return startSession(config, nscaNgProtocol, signal);
  };
  return {
    name: config.name,
    open,
    async probe(_services, signal) {
      await (await open(signal)).finish();
      return [{ kind: 'ok', text: `${config.name} takes results` }];
    },
  };
}
