/**
 * The history as comma-separated values (RFC 4180), a line for each hour, host, daemon and client:
 *
 *   hour,host,daemon,client,denials
 *   2026-11-22T21:00:00Z,firestorm,sshd,203.0.113.7,38
 *
 * `hour` is its beginning in UTC. An empty client stands for all that are not counted individually,
 * an empty host for log lines without a host.
 */
import { isoSeconds } from '../text/times.ts';
import type { Refused } from '../queue/history-reader.ts';
import { visible } from '../text/unseen.ts';

const FIELDS = ['hour', 'host', 'daemon', 'client', 'denials'];

/** Characters that are yielded at a time. */
const CHUNK = 65_536;

/** The whole text, in parts. */
export function* csvText(rows: Iterable<Refused>): Generator<string> {
  let chunk = line(FIELDS);
  for (const { hour, host, daemon, client, denials } of rows) {
    chunk += line([isoSeconds(hour), text(host), text(daemon), text(client), String(denials)]);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

/** A name. If a spreadsheet would take it for a formula, it gets an apostrophe in front. */
function text(name: string): string {
  const shown = visible(name);
  return /^[=+\-@]/.test(shown) ? `'${shown}` : shown;
}

function line(fields: readonly string[]): string {
  const quoted = fields.map((field) =>
    /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field,
  );
  return `${quoted.join(',')}\r\n`;
}
