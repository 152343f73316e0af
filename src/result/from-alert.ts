/** From an alert to the check result that tells it, by the configuration and its rules. */
import type { Alert } from '../fold/alert.ts';
import type { ResultConfig } from './config.ts';
import { hostNames } from './host-names.ts';
import { output } from './output.ts';
import type { WeighedResult } from './check-result.ts';
import { firstRule } from './rules.ts';

/** What a rule can ask of a storm, and what a scan doesn't tell. */
const NOBODY = { daemon: null, client: null, address: null, user: null };

export function teller(config: ResultConfig): (alert: Alert) => WeighedResult {
  const hostName = hostNames(config);
  // What an alert tells of was not ignored, whatever the hour is by now.
  const ruleFor = firstRule(config.rules.filter(({ ignore }) => !ignore));
  return ({ at, host, denial, scan, text, count, kind }) => {
    const source = scan === undefined ? NOBODY : { ...NOBODY, ...scan, address: scan.client };
    const rule = ruleFor({ ...(denial ?? source), at, host });
    return {
      at,
      host: rule?.host ?? hostName(host),
      service: rule?.service ?? config.service,
      state: rule?.state ?? config.state,
      output: denial === null ? text : output(rule?.output ?? config.output, denial) + text,
      denials: count,
      // A summary tells of many denials: it outlives single ones in a queue that is full.
      value: kind === 'denial' || kind === 'repeat' ? 0 : 1,
    };
  };
}
