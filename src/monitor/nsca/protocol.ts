/** What NSCA can do, with any password and method. */
import { COMMAND, commandWeight } from '../command.ts';
import type { Pace, Protocol } from '../protocol.ts';
import type { NscaSettings } from './config.ts';

/**
 * Measured with `nsca --daemon` 2.10.2 and Nagios 4.4.6: at 50 results each 100 ms all arrive, at
 * 100 some per cent are lost. The daemon sleeps a second when it has nothing to read, and what it
 * then writes at once must fit Nagios' command pipe of 64 KiB: the rest is dropped silently. A
 * result counts as several where its command is longer than 100 bytes.
 */
export const PIPE_PACE: Pace = { results: 50, every: 100 };

/** @param outputSize bytes of the packet's field for the output, with the NUL after it */
export function nscaProtocol({ outputSize }: Pick<NscaSettings, 'outputSize'>): Protocol {
  return {
    // Names: what the packet has room for, less the NUL after each.
    limits: { host: 63, service: 127, output: outputSize - 1, command: COMMAND },
    batch: Infinity,
    acknowledges: 'session',
    proof: 'the daemon has read and decrypted it',
    pace: PIPE_PACE,
    weight: commandWeight,
  };
}
