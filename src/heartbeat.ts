/**
 * The heartbeat: a passive result about the agent itself, so that the monitor notices an agent that
 * is dead (by the freshness of the service) or in trouble (by its state).
 */
import type { Logger } from 'pino';
import type { AgentState } from './agent.ts';
import type { Config, HeartbeatConfig } from './config/config.ts';
import { hostNames } from './hosts.ts';
import type { Queue } from './queue/queue.ts';
import type { CheckResult, NewResult, State } from './queue/result.ts';

/** A heartbeat that waits is worth least: the next one tells all that it tells. */
const VALUE = -1;

const WORDS = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

/** What the heartbeat tells of. */
export interface Health {
  readonly agent: Pick<AgentState, 'streams' | 'monitors'>;
  /** Names of the monitors, in the order of `agent.monitors`. */
  readonly names: readonly string[];
  /** Denials and alerts since the queue was made. */
  readonly totals: Readonly<Record<string, number>>;
  /** Results waiting, and since when the oldest does, ms since 1970. */
  readonly waiting: { readonly results: number; readonly oldest: number | null };
}

/**
 * State and output, with performance data, in the form of a Nagios plugin.
 * @param warn results waiting that are worth a warning
 */
export function heartbeatOf(
  { agent, names, totals, waiting }: Health,
  warn: number,
  now: number,
): Pick<CheckResult, 'state' | 'output'> {
  const refusing = names.filter((_, i) => agent.monitors[i]?.next !== null);
  const unread = agent.streams.filter(({ problem }) => problem !== null);
  const behind = agent.streams.reduce((sum, stream) => sum + (stream.behind ?? 0), 0);
  const oldest =
    waiting.oldest === null ? 0 : Math.max(0, Math.round((now - waiting.oldest) / 1000));
  const problems = [
    ...refusing.map((name) => `${name} takes no results`),
    ...unread.map(({ stream }) => `${stream} cannot be read`),
  ];
  const tooMany = waiting.results > warn;
  const state: State = problems.length > 0 ? 2 : tooMany ? 1 : 0;
  if (tooMany) problems.push(`${waiting.results} results wait, the oldest for ${oldest} s`);
  const { denials = 0, alerts = 0 } = totals;
  const summary = `${denials} denials, ${alerts} alerts, ${waiting.results} waiting`;
  const data = [
    `denials=${denials}c`,
    `alerts=${alerts}c`,
    `waiting=${waiting.results};${warn}`,
    `oldest=${oldest}s`,
    `behind=${behind}B`,
  ];
  // No semicolon: Nagios makes a colon of it.
  const text = [`denywatch ${WORDS[state]}: ${[...problems, summary].join(', ')}`, data.join(' ')];
  return { state, output: text.join(' | ') };
}

/**
 * Puts a heartbeat in the queue now and each `every`, in place of one that still waits there, and
 * an OK for the volatile service once it was quiet for `okAfter`.
 * @param onResults called when results were queued
 * @returns a function that ends it
 */
export function startHeartbeat(
  config: Config,
  { service, every, warn, okAfter }: HeartbeatConfig,
  queue: Queue,
  health: () => Health,
  onResults: () => void,
  log: Logger,
): () => void {
  const host = hostNames(config)(null);
  const services = new Set([config.service, ...config.rules.flatMap((rule) => rule.service ?? [])]);
  const beat = () => {
    const now = Date.now();
    const { names, ...rest } = health();
    const each = (result: Pick<NewResult, 'service' | 'state' | 'output' | 'value'>) =>
      names.map((monitor) => ({ monitor, host, at: now, denials: 0, ...result }));
    queue.replace(each({ service, value: VALUE, ...heartbeatOf({ names, ...rest }, warn, now) }));
    if (okAfter !== null) {
      const output = `OK: no refused connection for ${Math.round(okAfter / 60_000)} minutes`;
      const ok = [...services].flatMap((name) =>
        each({ service: name, state: 0, output, value: 0 }),
      );
      queue.afterQuiet(okAfter, ok);
    }
    onResults();
  };
  const tryBeat = () => {
    try {
      beat();
    } catch (err) {
      log.warn({ err }, 'no heartbeat this time');
    }
  };
  tryBeat();
  const timer = setInterval(tryBeat, every);
  return () => clearInterval(timer);
}
