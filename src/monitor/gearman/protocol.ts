/** What gearmand can do. */
import { COMMAND } from '../command.ts';
import type { Protocol } from '../protocol.ts';

export const gearmanProtocol: Protocol = {
  limits: { host: 255, service: 255, output: COMMAND, command: COMMAND },
  batch: Infinity,
  acknowledges: 'each',
  proof: 'gearmand has it in its memory, where Naemon fetches it',
  // gearmand would take more; this spares Naemon.
  pace: { results: 500, every: 100 },
  weight: () => 1,
};
