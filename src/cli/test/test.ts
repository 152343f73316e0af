/** The verb `test`: sends each configured service an OK, and reports what each monitor did with it. */
import { loadConfig, loadConfigToQueue, type Config } from '../../agent/config.ts';
import { servicesOf } from '../../agent/services.ts';
import { configPath } from '../../config/place.ts';
import { askState } from '../../host/control.ts';
import { actAs, ownerOf } from '../../host/owner.ts';
import { proofOf, seenIn } from '../../monitor/kinds.ts';
import { loadQueueConfig } from '../../queue/config.ts';
import { isLocked } from '../../queue/lock.ts';
import type { CheckResult } from '../../result/check-result.ts';
import { plural } from '../../text/amounts.ts';
import { printFinding } from '../../text/finding.ts';
import { complain } from '../../text/terminal.ts';
import { isoSeconds } from '../../text/times.ts';
import { whyNoAnswer } from '../agent-answer.ts';
import { readArguments } from '../arguments.ts';
import { deliverAlone } from './alone.ts';
import { becomeOwner } from './become-owner.ts';
import { throughAgent } from './through-agent.ts';
import type { Verdict } from './verdict.ts';

export const help = `usage: denywatch test [--config PATH]

Sends an OK to each monitor for each service in the configuration. Shows what the monitor did with
it, and where to look for it there. A service that is CRITICAL becomes OK.

The results are delivered like an alert, through the queue and the running agent. If no agent runs,
this command delivers them itself, as the agent's user if root runs it.

Exit status: 0 all were taken, 1 a monitor refused one or could not be reached, 2 wrong usage,
78 the configuration has a mistake.
`;

export const OPTIONS = { config: { type: 'string' } } as const;

/** How many lines are shown for one monitor. */
const SHOWN = 20;

export async function main(args: string[]): Promise<number> {
  const { values } = readArguments(args, OPTIONS);
  const path = configPath(values.config);
  const queue = loadQueueConfig(path);
  const owner = ownerOf(queue.path);
  const answer = await askState(queue.path, owner);
  if (answer.why === 'answered') {
    const config = loadConfigToQueue(path);
    const results = resultsFor(config);
    return report(config, results, await throughAgent(queue, answer.state, results));
  }
  if (answer.why === 'forbidden' || actAs(owner, () => isLocked(queue.path)))
    return fail(whyNoAnswer(answer, true, { owner, verb: 'test' }));
  becomeOwner(owner);
  const { config } = loadConfig(path);
  const results = resultsFor(config);
  return report(config, results, await deliverAlone(config, results));
}

function resultsFor(config: Config): CheckResult[] {
  const at = Date.now();
  const output = `Test by denywatch at ${isoSeconds(at)}`;
  return servicesOf(config).map((service) => ({ at, ...service, state: 0, output }));
}

function report(
  { monitors }: Config,
  [first]: readonly CheckResult[],
  verdicts: readonly Verdict[],
): number {
  if (verdicts.length === 0 || first === undefined) return fail('no monitor is configured');
  for (const [monitor, of] of Map.groupBy(verdicts, (verdict) => verdict.monitor)) {
    // One delivery may stand for several monitors: any of them may have taken it.
    const named = monitors.filter(({ name }) => name === monitor);
    const theirs = named.length > 0 ? named : monitors;
    const proof = [...new Set(theirs.map(proofOf))].join(', or ');
    for (const { service, host, problem } of of.slice(0, SHOWN)) {
      const what = service === '' ? `host ${host}` : `${service} of host ${host}`;
      const text = `${monitor}: ${what}: `;
      if (problem === null) printFinding('ok', `${text}taken: ${proof}`);
      else printFinding('problem', `${text}${problem}`);
    }
    if (of.length > SHOWN) {
      const bad = of.slice(SHOWN).filter(({ problem }) => problem !== null).length;
      const more = `${monitor}: ${plural(of.length - SHOWN, 'other service')}, ${bad} not taken`;
      printFinding(bad === 0 ? 'ok' : 'problem', more);
    }
    if (of.some(({ problem }) => problem === null)) {
      const places = [...new Set(theirs.map(seenIn))].join('; ');
      printFinding('note', `${monitor}: "${first.output}": look for it in ${places}`);
    }
  }
  return verdicts.every(({ problem }) => problem === null) ? 0 : 1;
}

function fail(text: string): number {
  complain(`denywatch test: ${text}`);
  return 1;
}
