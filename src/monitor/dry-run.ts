/** The monitor of a dry run: shows on stdout what would be sent. */
import type { CheckResult } from '../result/check-result.ts';
import { outputOf } from './command.ts';
import type { Monitor, Session } from './monitor.ts';

/** A monitor that takes everything and sends nothing. */
export function dryRunMonitor(json: boolean): Monitor {
  const show = (result: CheckResult) => {
    const { at, host, service, state } = result;
    const output = outputOf(result, Date.now(), 4095);
    const line = json
      ? JSON.stringify({ at: new Date(at).toISOString(), host, service, state, output })
      : [host, service, state, output].join('\t');
    process.stdout.write(`${line}\n`);
  };
  const session: Session = {
    send: async (results) => {
      results.forEach(show);
      return [];
    },
    acknowledges: true,
    holdFor: () => 0,
    failed: new Promise<never>(() => {}),
    clockOffset: null,
    finish: async () => {},
    abort: () => {},
  };
  return {
    name: 'dry run',
    open: async () => session,
    probe: async () => ({ clockOffset: null }),
  };
}
