/**
 * A check result as Nagios' external command, which is what every protocol here ends in:
 * `[time] PROCESS_SERVICE_CHECK_RESULT;host;service;state;output`.
 */
import { isoSeconds } from '../text/times.ts';
import type { CheckResult } from '../result/check-result.ts';

/** A write of more to the command file, a pipe, may be cut or mixed with others: PIPE_BUF. */
const LINE = 4096;

/** A result delivered later than this after it happened says when that was. */
const LATE = 60_000;

/** Longest names that NSCA's packet has room for, in bytes. */
const HOST = 63;
const SERVICE = 127;

/** What would end a field or a command. */
// oxlint-disable-next-line no-control-regex
const NO_NAME = /[;\u0000-\u001f\u007f-\u009f]/;

/** Control characters that are not text; a tab and the newline of multi-line output are. */
// oxlint-disable-next-line no-control-regex
const NO_TEXT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Why no Nagios could take the result, or null. */
export function reasonAgainst({ host, service }: CheckResult): string | null {
  if (host === '') return 'the host name is empty';
  if (NO_NAME.test(host)) return 'the host name has a semicolon or a control character';
  if (NO_NAME.test(service)) return 'the service has a semicolon or a control character';
  if (Buffer.byteLength(host) > HOST) return `the host name is longer than ${HOST} bytes`;
  if (Buffer.byteLength(service) > SERVICE) return `the service is longer than ${SERVICE} bytes`;
  return null;
}

/** The command without its newline. The output must be escaped already. */
export function commandOf(result: CheckResult, output: string, now: number): string {
  const { host, service, state } = result;
  const time = Math.floor(now / 1000);
  return service === ''
    ? `[${time}] PROCESS_HOST_CHECK_RESULT;${host};${state};${output}`
    : `[${time}] PROCESS_SERVICE_CHECK_RESULT;${host};${service};${state};${output}`;
}

/** Backslashes and newlines as Nagios reads them in a command. NSCA's daemon does this itself. */
export function escapeOutput(output: string): string {
  return output.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/**
 * The output to send: no control characters, ` at 2026-11-22T21:15:00Z` behind it (but before the
 * performance data) when it is told late, and cut with `…` so that, escaped, it has at most `limit`
 * bytes and the command fits LINE.
 */
export function outputOf(result: CheckResult, now: number, limit: number): string {
  const room = Math.min(limit, LINE - 1 - Buffer.byteLength(commandOf(result, '', now)));
  const text = result.output.replaceAll('\r\n', '\n').replace(NO_TEXT, '?');
  if (now - result.at <= LATE) return cut(text, room);
  const note = ` at ${isoSeconds(result.at)}`;
  const whole = text.replace(/ \| |$/, (end) => note + end);
  return escapedSize(whole) <= room ? whole : cut(text, room - note.length) + note;
}

/** The text, or as many of its characters as leave room for `…`. */
function cut(text: string, room: number): string {
  if (escapedSize(text) <= room) return text;
  let kept = '';
  let size = Buffer.byteLength('…');
  for (const character of text) {
    size += escapedSize(character);
    if (size > room) break;
    kept += character;
  }
  return `${kept}…`;
}

function escapedSize(text: string): number {
  return Buffer.byteLength(escapeOutput(text));
}
