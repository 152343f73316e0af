/** What NRDP can do. */
import type { Protocol } from '../protocol.ts';

/**
 * A result with up to this many bytes of output counts as one: a whole batch stays below 1 MB,
 * encoded.
 */
const UNIT = 1024;

export const nrdpProtocol: Protocol = {
  limits: { host: 255, service: 255, output: 4096, command: Infinity },
  batch: 200,
  acknowledges: 'each',
  proof: "NRDP has put it in Nagios' spool, but cannot tell whether Nagios knows the service",
  // Nagios reads its spool in the order of the directory.
  // Nagios reads it each 10 s, everything at once.
  pace: { results: 200, every: 500 },
  weight: ({ output }) => Math.max(1, Math.ceil(Buffer.byteLength(output) / UNIT)),
};
