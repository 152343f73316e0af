/** How the agent is, in the form of a Nagios plugin: for the heartbeat and for `status --plugin`. */
import type { AgentState } from './agent.ts';
import type { State } from '../result/check-result.ts';

const WORDS = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

/** What the verdict is made of. */
export interface Health {
  /** Null where none answers; then `trouble` says why. */
  readonly agent: Pick<AgentState, 'streams' | 'monitors'> | null;
  readonly trouble: { readonly state: State; readonly text: string } | null;
  /** Denials and alerts since the queue was made. */
  readonly totals: Readonly<Record<string, number>>;
  /** Results waiting, and since when the oldest does, ms since 1970. */
  readonly waiting: { readonly results: number; readonly oldest: number | null };
  /** Results that a monitor refused for themselves. */
  readonly setAside: number;
}

/** More than this is worth a warning, or critical; null: whatever it is, it is not. */
export interface Limits {
  /** Results waiting. */
  readonly results: number | null;
  /** How long the oldest waits, ms. */
  readonly age: number | null;
}

export const NO_LIMITS: Limits = { results: null, age: null };

/** State and output: one line, and performance data with units and thresholds. */
export function verdict(
  { agent, trouble, totals, waiting, setAside }: Health,
  warn: Limits,
  critical: Limits,
  now: number,
): { state: State; output: string } {
  const oldest = waiting.oldest === null ? 0 : Math.max(0, now - waiting.oldest);
  const streams = agent?.streams ?? [];
  const tooMuch = Math.max(isOver(warn) ? 1 : 0, isOver(critical) ? 2 : 0) as State;
  const problems: [state: State, text: string][] = [
    [trouble?.state ?? 0, trouble?.text ?? ''],
    ...(agent?.monitors ?? []).flatMap(({ name, next }): [State, string][] =>
      next === null ? [] : [[2, `${name} takes no results`]],
    ),
    ...streams.flatMap(({ stream, problem }): [State, string][] =>
      problem === null ? [] : [[2, `${stream} cannot be read`]],
    ),
    [tooMuch, `${waiting.results} results wait, the oldest for ${seconds(oldest)} s`],
    [setAside > 0 ? 1 : 0, `${setAside} results were refused and are set aside`],
  ];
  const found = problems.filter(([state]) => state > 0);
  const state = Math.max(0, ...found.map(([one]) => one)) as State;
  const { denials = 0, alerts = 0 } = totals;
  const summary = `${denials} denials, ${alerts} alerts, ${waiting.results} waiting`;
  const behind = streams.reduce((sum, stream) => sum + (stream.behind ?? 0), 0);
  const data = [
    `denials=${denials}c`,
    `alerts=${alerts}c`,
    measure(`waiting=${waiting.results}`, warn.results, critical.results),
    measure(`oldest=${seconds(oldest)}s`, inSeconds(warn.age), inSeconds(critical.age)),
    ...(agent === null ? [] : [`behind=${behind}B`]),
  ];
  const told = [...found.map(([, text]) => text), summary].join(', ');
  return { state, output: `denywatch ${WORDS[state]}: ${plain(told)} | ${data.join(' ')}` };

  function isOver({ results, age }: Limits): boolean {
    return (results !== null && waiting.results > results) || (age !== null && oldest > age);
  }
}

const seconds = (ms: number) => Math.round(ms / 1000);
const inSeconds = (ms: number | null) => (ms === null ? null : ms / 1000);

/** Performance data as Nagios reads them: value, threshold for a warning, and for critical. */
function measure(value: string, warn: number | null, critical: number | null): string {
  return `${value};${warn ?? ''};${critical ?? ''}`.replace(/;+$/, '');
}

/** A bar would begin the performance data, and of a semicolon Nagios makes a colon. */
export function plain(text: string): string {
  return text.replaceAll(';', ',').replace(/[\p{C}|]/gu, '_');
}
