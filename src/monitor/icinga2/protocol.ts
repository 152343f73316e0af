/** What Icinga's API can do. */
import type { Protocol } from '../protocol.ts';

export const icinga2Protocol: Protocol = {
  // The API sets no limits; what an output has beyond that is of no use to a person.
  limits: { host: 255, service: 255, output: 8192, command: Infinity },
  batch: Infinity,
  acknowledges: 'each',
  proof: 'Icinga has processed it',
  order: 'service',
  // A request a result, and each is answered: the connections alone pace. A group is recorded in one
  // transaction, and is what an agent that is killed may send twice.
  pace: { results: 500, every: 0 },
  weight: () => 1,
};
