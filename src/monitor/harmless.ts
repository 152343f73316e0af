/** The result that `check` sends: Nagios finds no such host, and logs a warning. */
import type { CheckResult } from '../result/check-result.ts';

export function harmless(): CheckResult {
  return {
    at: Date.now(),
    host: 'denywatch-check',
    service: 'denywatch check',
    state: 0,
    output: 'Test by denywatch check; this host need not exist',
  };
}
