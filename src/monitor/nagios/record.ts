/**
 * The content of a file in Nagios' spool directory: lines `key=value`, an empty line after each
 * result, and comments. Nagios Core 4.5 base/utils.c, process_check_result_file(); Naemon has the
 * same.
 */
import { createHash } from 'node:crypto';
import type { CheckResult } from '../../result/check-result.ts';
import { escapeOutput } from '../command.ts';

/** Begins a comment that names the result after it. */
const KEY = '# denywatch result ';

/** Identifies a result in a file that an earlier process left: 32 hexadecimal digits. */
export function keyOf({ at, host, service, state, output }: CheckResult): string {
  const text = JSON.stringify([at, host, service, state, output]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/**
 * One result as Nagios reads it.
 * @param output of the result, as returned by `outputOf`, not escaped
 */
export function recordOf(result: CheckResult, output: string): string {
  const { at, host, service, state } = result;
  const time = `${Math.floor(at / 1000)}.${String(at % 1000).padStart(3, '0')}000`;
  const lines = [
    `${KEY}${keyOf(result)}`,
    `host_name=${host}`,
    // Without it Nagios treats the result as the host's.
    ...(service === '' ? [] : [`service_description=${service}`]),
    'check_type=1',
    'scheduled_check=0',
    'reschedule_check=0',
    'latency=0',
    `start_time=${time}`,
    `finish_time=${time}`,
    'early_timeout=0',
    'exited_ok=1',
    `return_code=${state}`,
    `output=${lineOf(output)}`,
  ];
  return `${lines.join('\n')}\n\n`;
}

/** The keys of the results in a file. */
export function keysIn(text: string): string[] {
  return text.split('\n').flatMap((line) => (line.startsWith(KEY) ? line.slice(KEY.length) : []));
}

/**
 * An output as one line. Nagios drops a result without output, and treats a line that ends in a
 * backslash as incomplete. A blank, which it removes again, prevents both.
 */
function lineOf(output: string): string {
  const escaped = escapeOutput(output);
  return escaped === '' || escaped.endsWith('\\') ? `${escaped} ` : escaped;
}
