/** Many agents in one process: each has its own delivery, queue and backoff, as on its own host. */
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { startDelivery, type Delivery } from '../../src/delivery/delivery.ts';
import { retryDelay } from '../../src/delivery/retry.ts';
import type { Monitor } from '../../src/monitor/monitor.ts';
import type { Backoff } from '../../src/queue/result.ts';
import { critical, memoryOutbox } from '../delivery/memory-outbox.ts';

export interface FleetOptions {
  readonly agents: number;
  /** Results that wait on each host. */
  readonly results: number;
  /** How long the monitor was away, ms: each agent has failed since its beginning. */
  readonly outage: number;
  readonly open: () => Monitor;
}

export interface Fleet {
  /** How long each host waited until all its results were delivered, ms; null while some wait. */
  waits(): (number | null)[];
  /** Errors of sessions, by their kind. */
  faults(): ReadonlyMap<string, number>;
  stop(): Promise<unknown>;
}

export const hostName = (agent: number) => `web${String(agent).padStart(5, '0')}`;

/** Host and output of each result of a fleet, as a monitor shows them. */
export function resultsOf({ agents, results }: FleetOptions): string[] {
  return Array.from({ length: agents * results }, (_, n) => {
    return `${hostName(Math.floor(n / results))}: ${outputOf(n % results)}`;
  });
}

const outputOf = (n: number) => `Denied sshd-10.0.${n >> 8}.${n & 255} at 2026-11-27 14:00:00`;

/** Starts a fleet at the moment at which its monitor is back. */
export function startFleet(t: TestContext, options: FleetOptions): Fleet {
  const { agents, outage, open } = options;
  const waits: (number | null)[] = Array.from({ length: agents }, () => null);
  const faults = new Map<string, number>();
  const began = performance.now();
  const start = (agent: number): Delivery => {
    const outbox = memoryOutbox(backoffAfter(outage));
    fill(outbox.queued, hostName(agent), options.results);
    return startDelivery(
      open(),
      {
        ...outbox,
        delivered(ids) {
          outbox.delivered(ids);
          if (outbox.queued.length === 0) waits[agent] = performance.now() - began;
        },
        saveBackoff(state) {
          outbox.saveBackoff(state);
          if (state.kind !== null) faults.set(state.kind, (faults.get(state.kind) ?? 0) + 1);
        },
      },
      { pace: { results: null, every: null }, log: pino({ level: 'silent' }) },
    );
  };
  const deliveries = Array.from({ length: agents }, (_, agent) => start(agent));
  const stop = () => Promise.all(deliveries.map((delivery) => delivery.stop(1000)));
  t.after(stop);
  return { waits: () => waits, faults: () => faults, stop };
}

function fill(queued: ReturnType<typeof memoryOutbox>['queued'], host: string, results: number) {
  for (let id = 1; id <= results; id++)
    queued.push({ ...critical(outputOf(id - 1)), host, id, place: id, attempts: 0 });
}

/** Where an agent's backoff is after an outage at whose beginning its first session failed. */
function backoffAfter(outage: number): Backoff {
  let failures = 0;
  let next = 0;
  while (next <= outage) next += retryDelay(++failures, Math.random());
  return { failures, next: Date.now() + next - outage, kind: 'down', message: 'it was away' };
}
