/** What Icinga's API can do. */
import type { Protocol } from '../protocol.ts';

export const icinga2Protocol: Protocol = {
  // The API sets no limits; longer outputs are of no use to people.
  limits: { host: 255, service: 255, output: 8192, command: Infinity },
  batch: Infinity,
  acknowledges: 'each',
  proof: 'Icinga has processed it',
  // One request a result, and each is answered: only the connections set the pace. A group is
  // recorded in one transaction; an agent that is killed may send it twice.
  pace: { results: 500, every: 0 },
  weight: () => 1,
};
