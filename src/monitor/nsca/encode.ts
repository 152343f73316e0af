/** Results as the packets that NSCA carries. */
import type { CheckResult } from '../../result/check-result.ts';
import { outputOf } from '../command.ts';
import type { Transform } from './cipher.ts';
import type { NscaSettings } from './config.ts';
import { encodePacket } from './packet.ts';
import { nscaProtocol } from './protocol.ts';

/** What the daemon's greeting provides for a connection. */
export interface Greeting {
  /** The daemon's clock, seconds since 1970: packets repeat it. */
  readonly time: number;
  readonly encrypt: Transform;
}

/** The bytes of these results, whose names must be within the protocol's limits. */
export function encodeResults(
  results: readonly CheckResult[],
  { outputSize }: Pick<NscaSettings, 'outputSize'>,
  { time, encrypt }: Greeting,
): Buffer {
  const { limits } = nscaProtocol({ outputSize });
  const now = Date.now();
  const packets = results.map((result) => {
    const { host, service, state } = result;
    // Such an old daemon writes a newline unescaped, which ends the command there.
    const line = outputSize === 512 ? { ...result, output: oneLine(result.output) } : result;
    const output = outputOf(line, now, limits);
    return encrypt(encodePacket({ time, host, service, state, output }, outputSize));
  });
  return Buffer.concat(packets);
}

/** Its lines, trimmed and joined by a blank. */
export function oneLine(text: string): string {
  const lines = text.split('\n');
  if (lines.length === 1) return text;
  const last = lines.length - 1;
  return lines
    .map((line, n) => (n === 0 ? line.trimEnd() : n === last ? line.trimStart() : line.trim()))
    .filter((line, n) => line !== '' || n === 0 || n === last)
    .join(' ');
}
