/** What NSCA-ng can do. */
import { COMMAND, commandWeight } from '../command.ts';
import { PIPE_PACE } from '../nsca/protocol.ts';
import type { Protocol } from '../protocol.ts';

/** It writes to the same pipe as NSCA, and its names may be as long as NSCA's. */
export const nscaNgProtocol: Protocol = {
  limits: { host: 63, service: 127, output: 4096, command: COMMAND },
  batch: Infinity,
  acknowledges: 'each',
  proof: "the server has it, and writes it to Nagios' command file",
  pace: PIPE_PACE,
  weight: commandWeight,
};
