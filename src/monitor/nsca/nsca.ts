/** A monitor that listens for passive check results with NSCA. */
import type { NscaMonitorConfig } from '../../config/config.ts';
import type { CheckResult } from '../../queue/result.ts';
import { connect } from '../connect.ts';
import { MonitorError, type Monitor, type Session } from '../monitor.ts';
import { pause } from '../pause.ts';
import { startSession } from './session.ts';

/** A daemon that has just rejected a connection often never serves one that comes at once. */
const LEAVE = 200;

/** Nagios takes it, finds no such host, and logs a warning: that is all. */
const HARMLESS: Omit<CheckResult, 'at'> = {
  host: 'denywatch-check',
  service: 'denywatch check',
  state: 0,
  output: 'Test of the password by denywatch check; this host need not exist',
};

/** Gives the monitor for this configuration; connects only when a session is opened. */
export function openNsca(config: NscaMonitorConfig): Monitor {
  let leaveUntil = 0;
  let trusted = false;

  const watch = (error: unknown) => {
    if (!(error instanceof MonitorError)) return;
    trusted = false;
    if (error.kind !== 'down') leaveUntil = performance.now() + LEAVE;
  };

  async function open(signal: AbortSignal): Promise<Session> {
    await pause(Math.max(0, leaveUntil - performance.now()), signal);
    const connection = await connect(config, signal);
    try {
      const session = await startSession(connection, config, trusted, signal);
      session.failed.catch(watch);
      const finish = async () => {
        await session.finish();
        trusted = true;
      };
      return { ...session, finish };
    } catch (error) {
      watch(error);
      throw error;
    }
  }

  async function probe(signal: AbortSignal) {
    const session = await open(signal);
    await session.send([{ ...HARMLESS, at: Date.now() }]);
    await session.finish();
    return { clockOffset: session.clockOffset };
  }

  return { name: config.name, open, probe };
}
