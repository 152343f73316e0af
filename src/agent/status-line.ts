/** The line that `systemctl status` shows. */
import type { Agent } from './agent.ts';
import { bytesBehind } from './health.ts';
import { counted } from '../text/amounts.ts';

/** Most problems that are named; the rest are counted. */
const NAMED = 3;

/**
 * The line: the refused configuration if there is one, counts, and problems.
 * @param refused why the current configuration file is not in use; null if it is
 */
export function statusLine(agent: Agent, refused: string | null): string {
  const { denials, streams } = agent.state();
  return [
    ...(refused === null ? [] : [`running with the old configuration: ${refused}`]),
    `${counted(denials, 'denial')} since the start`,
    `${counted(bytesBehind(streams), 'byte')} behind`,
    ...ofQueue(agent),
  ].join('; ');
}

function ofQueue(agent: Agent): string[] {
  try {
    const { results, oldest } = agent.waiting();
    const age = oldest === null ? '' : ` for up to ${Math.round((Date.now() - oldest) / 1000)} s`;
    const problems = agent.problems().map(({ brief }) => brief);
    const more = problems.length - NAMED;
    return [
      `${counted(results, 'result')} waiting${age}`,
      ...problems.slice(0, NAMED),
      ...(more > 0 ? [`and ${counted(more, 'more problem')}`] : []),
    ];
  } catch {
    return ['the queue cannot be read']; // The part that needs it logs why.
  }
}
