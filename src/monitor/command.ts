/**
 * A check result as Nagios' external command, which most protocols here produce in the end: `[time]
 * PROCESS_SERVICE_CHECK_RESULT;host;service;state;output`. What no protocol of the Nagios family
 * can carry is refused or replaced here; each protocol defines how much fits.
 */
import { isoSeconds } from '../text/times.ts';
import type { CheckResult } from '../result/check-result.ts';
import type { Limits } from './protocol.ts';

/**
 * Longest command without its newline: a write of more than 4096 bytes (PIPE_BUF) to the command
 * file, a pipe, may be cut or mixed with others.
 */
export const COMMAND = 4095;

/** A command of up to this many bytes counts as one result. */
const UNIT = 100;

/** A result that is delivered later than this after the event contains the time of the event. */
const LATE = 60_000;

/** Characters that would end a field or a command. */
// oxlint-disable-next-line no-control-regex
const NO_NAME = /[;\u0000-\u001f\u007f-\u009f]/;

/** Control characters that are not text; a tab and the newline of multi-line output are. */
// oxlint-disable-next-line no-control-regex
const NO_TEXT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Why the result cannot be sent by a protocol with these limits, or null. */
export function reasonAgainst(
  { host, service }: CheckResult,
  limits: Pick<Limits, 'host' | 'service'>,
): string | null {
  if (host === '') return 'the host name is empty';
  if (NO_NAME.test(host)) return 'the host name has a semicolon or a control character';
  if (NO_NAME.test(service)) return 'the service has a semicolon or a control character';
  if (Buffer.byteLength(host) > limits.host)
    return `the host name is longer than ${limits.host} bytes`;
  if (Buffer.byteLength(service) > limits.service)
    return `the service is longer than ${limits.service} bytes`;
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

/** The whole command with its newline: the output cut to what fits, and the time of the result. */
export function commandLine(result: CheckResult, limits: Limits): string {
  const output = escapeOutput(outputOf(result, Date.now(), limits));
  return `${commandOf(result, output, result.at)}\n`;
}

/** How many results it counts as where a pipe of 64 KiB behind the monitor sets the pace. */
export function commandWeight(result: CheckResult): number {
  return Math.ceil(Buffer.byteLength(commandOf(result, result.output, result.at)) / UNIT);
}

/**
 * Escapes backslashes and newlines as Nagios reads them in a command. NSCA's daemon does this
 * itself.
 */
export function escapeOutput(output: string): string {
  return output.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/**
 * The output to send: without control characters, with ` at 2026-11-22T21:15:00Z` appended (but
 * before the performance data) when it is delivered late, cut with `…` to fit the limits, and
 * escaped.
 */
export function outputOf(
  result: CheckResult,
  now: number,
  limits: Pick<Limits, 'output' | 'command'>,
): string {
  const head = Buffer.byteLength(commandOf(result, '', now));
  const room = Math.min(limits.output, limits.command - head);
  const text = result.output.replaceAll('\r\n', '\n').replace(NO_TEXT, '?');
  if (now - result.at <= LATE) return cut(text, room);
  const note = ` at ${isoSeconds(result.at)}`;
  const whole = text.replace(/ \| |$/, (end) => note + end);
  return escapedSize(whole) <= room ? whole : cut(text, room - note.length) + note;
}

/** The text, or as much of it as leaves room for `…`. */
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
