/** A monitor that listens for passive check results with NSCA. */
import type { NscaSettings } from './config.ts';
import { connect } from '../connect.ts';
import { MonitorError } from '../error.ts';
import type { Monitor, Session } from '../monitor.ts';
import { pause } from '../../host/pause.ts';
import { LEAVE, probe } from './probe.ts';
import { startSession, type Standing } from './session.ts';

/** Gives the monitor for this configuration; connects only when a session is opened. */
export function openNsca(config: NscaSettings): Monitor {
  let leaveUntil = 0;
  let standing: Standing = 'new';

  const watch = (error: unknown) => {
    if (!(error instanceof MonitorError)) return;
    if (standing === 'trusted') standing = 'new';
    if (error.kind === 'refused') standing = 'suspect';
    if (error.kind !== 'down') leaveUntil = performance.now() + LEAVE;
  };

  async function open(signal: AbortSignal): Promise<Session> {
    await pause(Math.max(0, leaveUntil - performance.now()), signal);
    const connection = await connect(config, signal);
    try {
      const session = await startSession(connection, config, standing, signal);
      session.failed.catch(watch);
      const finish = async () => {
        await session.finish();
        standing = 'trusted';
      };
      return { ...session, finish };
    } catch (error) {
      watch(error);
      throw error;
    }
  }

  return {
    name: config.name,
    open,
    probe: (_services, signal) => probe(config, open, signal),
  };
}
