/** A monitor that listens with NSCA-ng: TLS with a pre-shared key, and an answer to each result. */
import { PIPE_PACE } from '../nsca/protocol.ts';
import { COMMAND, commandWeight } from '../command.ts';
import type { Monitor } from '../monitor.ts';
import type { Protocol } from '../protocol.ts';
import type { NscaNgSettings } from './config.ts';
import { startSession } from './session.ts';

/** It writes to the same pipe as NSCA, and its names may be as long as NSCA's. */
export const nscaNgProtocol: Protocol = {
  limits: { host: 63, service: 127, output: 4096, command: COMMAND },
  batch: Infinity,
  acknowledges: 'each',
  proof: "the server has it, and writes it to Nagios' command file",
  pace: PIPE_PACE,
  weight: commandWeight,
};

/** Returns the monitor for this configuration; connects only when a session is opened. */
export function openNscaNg(config: NscaNgSettings): Monitor {
  const open = (signal: AbortSignal) => startSession(config, nscaNgProtocol, signal);
  return {
    name: config.name,
    open,
    async probe(_services, signal) {
      await (await open(signal)).finish();
      return [{ kind: 'ok', text: `${config.name} takes results` }];
    },
  };
}
