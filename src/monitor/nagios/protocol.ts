/** What Nagios' two ways to take results can do. */
import { COMMAND, commandWeight } from '../command.ts';
import type { Protocol } from '../protocol.ts';
import type { NagiosSettings } from './config.ts';
import { wayTo } from './place.ts';

export const spoolProtocol: Protocol = {
  // Nagios itself only limits a line of its log and of its status.
  limits: { host: 255, service: 255, output: COMMAND, command: COMMAND },
  batch: Infinity,
  acknowledges: 'each',
  proof: 'Nagios has read it',
  // The one file that may wait at a time sets the pace.
  pace: { results: 200, every: 0 },
  weight: () => 1,
};

export const pipeProtocol: Protocol = {
  limits: { host: 255, service: 255, output: COMMAND, command: COMMAND },
  batch: Infinity,
  acknowledges: 'session',
  proof: "it is in Nagios' command pipe, and Nagios reads that",
  pace: { results: 100, every: 100 },
  weight: commandWeight,
};

/** That of the place at the configured path. */
export function nagiosProtocol({ path }: NagiosSettings): Protocol {
  return wayTo(path) === 'pipe' ? pipeProtocol : spoolProtocol;
}
