/** `status --plugin`: the state of the agent as a Nagios plugin reports it. */
import { duration } from '../../config/units.ts';
import { bytesBehind } from '../../agent/health.ts';
import { NO_LIMITS, pluginOutput, type Limits } from '../../agent/plugin-output.ts';
import { pluginText } from '../../text/plugin.ts';
import type { State } from '../../result/check-result.ts';
import type { Status } from './read.ts';

/** A threshold that cannot be read. */
class LimitError extends Error {
  override readonly name = 'LimitError';
}

/**
 * Reads `RESULTS`, `AGE` or `RESULTS,AGE`, such as `100,10m`.
 * @throws LimitError
 */
export function readLimits(option: string, text: string | undefined): Limits {
  const limits = { ...NO_LIMITS };
  for (const part of (text ?? '').split(',').filter((one) => one !== '')) {
    const age = /[a-z]/i.test(part) ? duration(part) : null;
    if (age !== null) limits.age = age;
    else if (/^\d{1,9}$/.test(part)) limits.results = Number(part);
    else
      throw new LimitError(
        `${option} must be a number of results, an age such as 10m, or both as 100,10m, not '${part}'`,
      );
  }
  return limits;
}

/** State (the plugin's exit status) and the line to print. */
export function plugin(
  { agent, totals, waiting, found }: Status,
  warn: Limits,
  critical: Limits,
  now: number,
): { state: State; output: string } {
  const behind = agent === null ? null : bytesBehind(agent.streams);
  return pluginOutput({ problems: found, totals, waiting, behind }, warn, critical, now);
}

/** The output of a plugin that could not find out: one line, even if the message has several. */
export function unknown(message: string): string {
  const [first = '', ...more] = message.split('\n');
  const rest = more.length === 0 ? '' : ` (and ${more.length} more: denywatch check)`;
  return `denywatch UNKNOWN: ${pluginText(first)}${rest}`;
}
