/** Delivers results without the agent: `send --now`. */
import { loadConfig, type Config } from '../../agent/config.ts';
import { paceOf } from '../../delivery/config.ts';
import { deadline } from '../../host/deadline.ts';
import { pause } from '../../host/pause.ts';
import { openMonitors, widestNames } from '../../monitor/kinds.ts';
import type { Verdict } from '../../monitor/monitor.ts';
import type { CheckResult } from '../../result/check-result.ts';
import { complain } from '../../text/terminal.ts';
import type { NameLimits } from '../../result/config.ts';
import { reasonWithPath } from '../../text/reason.ts';

/** How long the results may take at one monitor, ms. */
const PATIENCE = 60_000;

/** What takes results: the queue, or with --now the monitors themselves. */
export interface Sender {
  /** The longest names that one of the monitors can carry. */
  readonly limits: NameLimits;
  /** Returns the exit status. */
  send(results: readonly CheckResult[]): Promise<number>;
}

/** What delivers to the monitors of the configuration at a path. @throws ConfigError */
export function senderFor(path: string): Sender {
  const { config } = loadConfig(path);
  return {
    limits: widestNames(config.monitors),
    send: (results) => send(config, results),
  };
}

async function send(config: Config, results: readonly CheckResult[]): Promise<number> {
  const refusals: string[] = [];
  const sent = openMonitors(config).map(async (monitor) => {
    const signal = deadline(PATIENCE, monitor.name);
    const session = await monitor.open(signal);
    const onVerdict = (one: CheckResult, verdict: Verdict) => {
      if (verdict.kind === 'refused') refusals.push(refusalText(monitor.name, one, verdict.reason));
    };
    const { batch, pace } = session.protocol;
    const { results: size, every } = paceOf(config.pace, pace);
    const most = Math.min(batch, size);
    for (let at = 0; at < results.length; at += most) {
      if (at > 0) await pause(every, signal);
      await session.send(results.slice(at, at + most), onVerdict, signal);
    }
    await session.finish();
  });
  const failures = (await Promise.allSettled(sent)).filter((one) => one.status === 'rejected');
  const texts = [...refusals, ...failures.map(({ reason }) => reasonWithPath(reason))];
  for (const line of texts) complain(`denywatch send: ${line}`);
  return texts.length === 0 ? 0 : 1;
}

function refusalText(monitor: string, { host, service }: CheckResult, reason: string): string {
  return `${monitor} refuses the result for ${host}${service === '' ? '' : `, ${service}`}: ${reason}`;
}
