/** The monitor of a dry run: shows on stdout what would be sent. */
import type { CheckResult } from '../result/check-result.ts';
import { printFields, printJson } from '../text/terminal.ts';
import { COMMAND, outputOf } from './command.ts';
import { TAKEN, type Monitor, type Session } from './monitor.ts';
import type { Protocol } from './protocol.ts';

const PROTOCOL: Protocol = {
  limits: { host: 255, service: 255, output: COMMAND, command: COMMAND },
  batch: Infinity,
  acknowledges: 'each',
  proof: 'it is on the screen',
  pace: { results: 1000, every: 0 },
  weight: () => 1,
};

/** A monitor that takes everything and sends nothing; it counts what it has shown. */
export function dryRunMonitor(json: boolean): Monitor & { readonly shown: () => number } {
  let shown = 0;
  const show = (result: CheckResult) => {
    const { at, host, service, state } = result;
    const output = outputOf(result, Date.now(), PROTOCOL.limits);
    if (json) printJson({ at: new Date(at).toISOString(), host, service, state, output });
    else printFields([host, service, String(state), output]);
  };
  const session: Session = {
    protocol: PROTOCOL,
    send: async (results, onVerdict) => {
      for (const result of results) {
        show(result);
        shown++;
        onVerdict(result, TAKEN);
      }
    },
    holdFor: () => 0,
    failed: new Promise<never>(() => {}),
    clockOffset: null,
    finish: async () => {},
    abort: () => {},
  };
  return {
    name: 'dry run',
    shown: () => shown,
    open: async () => session,
    probe: async () => [],
  };
}
