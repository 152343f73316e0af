/** A monitor that listens for passive check results with NSCA. */
import type { NscaSettings } from './config.ts';
import type { Monitor, Session } from '../monitor.ts';
import { pause } from '../../host/pause.ts';
import { Standing } from './standing.ts';

/** Returns the monitor for this configuration; connects only when a session is opened. */
export function openNsca(config: NscaSettings): Monitor {
  const standing = new Standing();

  async function open(signal: AbortSignal): Promise<Session> {
    await pause(standing.leave, signal);
    const { connect } = await import('../connect.ts');
    const { startSession } = await import('./session.ts');
    const connection = await connect(config, signal);
    return startSession(connection, config, standing, signal);
  }

  return {
    name: config.name,
    open,
    probe: async (_services, signal) => {
      const { probe } = await import('./probe.ts');
      return probe(config, open, signal);
    },
  };
}
