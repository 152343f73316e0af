/** The result that `check` sends: Nagios finds no such host, and logs a warning. */
import type { CheckResult } from '../result/check-result.ts';

/** An OK of now. @param host a name that no host has */
export function harmless(host = 'denywatch-check'): CheckResult {
  return {
    at: Date.now(),
    host,
    service: 'denywatch check',
    state: 0,
    output: 'Test by denywatch check; this host need not exist',
  };
}
