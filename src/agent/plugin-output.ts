/** The agent's state as a Nagios plugin prints it: for the heartbeat and for `status --plugin`. */
import type { State } from '../result/check-result.ts';
import { pluginText } from '../text/plugin.ts';
import type { Problem } from './health.ts';
import { counted } from '../text/amounts.ts';

const WORDS = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

/** The figures of the line. */
export interface Figures {
  readonly problems: readonly Problem[];
  /** Denials, alerts and unseen connections since the queue was made. */
  readonly totals: Readonly<Record<string, number>>;
  /** Results waiting, and since when the oldest has, ms since 1970. */
  readonly waiting: { readonly results: number; readonly oldest: number | null };
  /** Bytes of logs that have not been read yet; null if no agent answers. */
  readonly behind: number | null;
}

/** Above this the state is WARNING, or CRITICAL; null: no limit. */
export interface Limits {
  /** Results waiting. */
  readonly results: number | null;
  /** How long the oldest has waited, ms. */
  readonly age: number | null;
}

export const NO_LIMITS: Limits = { results: null, age: null };

/** State and output: one line, and performance data with units and thresholds. */
export function pluginOutput(
  { problems, totals, waiting, behind }: Figures,
  warn: Limits,
  critical: Limits,
  now: number,
): { state: State; output: string } {
  const oldest = waiting.oldest === null ? 0 : Math.max(0, now - waiting.oldest);
  const isOver = ({ results, age }: Limits) =>
    (results !== null && waiting.results > results) || (age !== null && oldest > age);
  const tooMany = isOver(critical) ? 2 : isOver(warn) ? 1 : 0;
  const found = problems.map(({ brief }) => brief);
  if (tooMany > 0)
    found.push(
      `${counted(waiting.results, 'result')} waiting, the oldest for ${seconds(oldest)} s`,
    );
  const state = Math.max(tooMany, ...problems.map((problem) => problem.state)) as State;
  const { denials = 0, alerts = 0, unseenConnections = 0 } = totals;
  const data = [
    `denials=${denials}c`,
    `alerts=${alerts}c`,
    measure(`waiting=${waiting.results}`, warn.results, critical.results),
    measure(`oldest=${seconds(oldest)}s`, inSeconds(warn.age), inSeconds(critical.age)),
    ...(behind === null ? [] : [`behind=${behind}B`]),
    `unseen=${unseenConnections}c`,
  ];
  const summary = `${counted(denials, 'denial')}, ${counted(alerts, 'alert')}, ${waiting.results} waiting`;
  const text = [...found, summary].join(', ');
  return { state, output: `denywatch ${WORDS[state]}: ${pluginText(text)} | ${data.join(' ')}` };
}

const seconds = (ms: number) => Math.round(ms / 1000);
const inSeconds = (ms: number | null) => (ms === null ? null : ms / 1000);

/** Performance data as Nagios reads it: value, warning threshold, critical threshold. */
function measure(value: string, warn: number | null, critical: number | null): string {
  return `${value};${warn ?? ''};${critical ?? ''}`.replace(/;+$/, '');
}
