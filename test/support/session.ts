import type { Session, Verdict } from '../../src/monitor/monitor.ts';
import type { CheckResult } from '../../src/result/check-result.ts';

/** Sends results, and gives those that were refused for themselves, each with the reason. */
export async function sendAll(session: Session, results: readonly CheckResult[]) {
  const refused: { result: CheckResult; reason: string }[] = [];
  const onVerdict = (result: CheckResult, verdict: Verdict) => {
    if (verdict.kind === 'refused') refused.push({ result, reason: verdict.reason });
  };
  await session.send(results, onVerdict, new AbortController().signal);
  return refused;
}
