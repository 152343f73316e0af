/** The monitor of a dry run: shows on stdout what would be sent. */
import type { CheckResult } from '../result/check-result.ts';
import { printFields, printJson } from '../text/terminal.ts';
import { outputOf } from './command.ts';
import type { Monitor, Session } from './monitor.ts';

/** A monitor that takes everything and sends nothing. */
export function dryRunMonitor(json: boolean): Monitor {
  const show = (result: CheckResult) => {
    const { at, host, service, state } = result;
    const output = outputOf(result, Date.now(), 4095);
    if (json) printJson({ at: new Date(at).toISOString(), host, service, state, output });
    else printFields([host, service, String(state), output]);
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
