/**
 * The heartbeat: a passive result about the agent itself, so that the monitor notices an agent that
 * is dead (by the freshness of the service) or in trouble (by its state).
 */
import type { Logger } from 'pino';
import type { Config, HeartbeatConfig } from './config.ts';
import { NO_LIMITS, pluginOutput, type Figures } from './plugin-output.ts';
import { hostNames } from '../result/host-names.ts';
import type { Queue } from '../queue/queue.ts';
import type { NewResult } from '../queue/result.ts';
import { counted } from '../text/amounts.ts';

/** A waiting heartbeat is the least important result: the next one reports all of it again. */
const VALUE = -1;

/** What a heartbeat needs of the agent. */
export interface HeartbeatNeeds {
  readonly queue: Queue;
  /** Names of the monitors that get it. */
  readonly monitors: readonly string[];
  /** The agent's current state. */
  readonly figures: () => Figures;
  /** Called when results were queued. */
  readonly onResults: () => void;
  readonly log: Logger;
}

/**
 * Puts a heartbeat in the queue now and each `every`, in place of one that still waits there, and
 * an OK for the volatile service after `okAfter` without an alert.
 * @returns a function that stops it
 */
export function startHeartbeat(
  config: Config,
  { service, every, warn, okAfter }: HeartbeatConfig,
  { queue, monitors, figures, onResults, log }: HeartbeatNeeds,
): () => void {
  const host = hostNames(config)(null);
  const services = new Set([config.service, ...config.rules.flatMap((rule) => rule.service ?? [])]);
  const beat = () => {
    const now = Date.now();
    const each = (result: Pick<NewResult, 'service' | 'state' | 'output' | 'value'>) =>
      monitors.map((monitor) => ({ monitor, host, at: now, denials: 0, ...result }));
    const result = pluginOutput(figures(), { ...NO_LIMITS, results: warn }, NO_LIMITS, now);
    queue.replace(each({ service, value: VALUE, ...result }));
    if (okAfter !== null) {
      const output = `OK: no refused connection for ${counted(Math.round(okAfter / 60_000), 'minute')}`;
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
      log.warn({ err }, 'cannot put the heartbeat in the queue; the next one is tried on schedule');
    }
  };
  tryBeat();
  const timer = setInterval(tryBeat, every);
  return () => clearInterval(timer);
}
