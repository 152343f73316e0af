/** What Icinga's API can do. */
import type { Protocol } from '../protocol.ts';

export const icinga2Protocol: Protocol = {
  // The API sets no limits; what an output has beyond that is of no use to a person.
  limits: { host: 255, service: 255, output: 8192, command: Infinity },
  batch: Infinity,
  acknowledges: 'each',
  proof: 'Icinga has processed it',
  order: 'service',
  // A request a result, and each is answered: the connections alone pace. What an agent that is
  // killed may send twice is one group.
  pace: { results: 100, every: 0 },
  weight: () => 1,
};
