import type { Result } from '../../src/queue/result.ts';
import type { CheckResult } from '../../src/result/check-result.ts';
import type { Backoff } from '../../src/queue/result.ts';
import type { Outbox } from '../../src/queue/outbox.ts';

/** A check result as an alert makes it, with this output. */
export function critical(output: string): CheckResult {
  return { at: Date.now(), host: 'firestorm', service: 'TCP Wrappers', state: 2, output };
}

/** The queue of one monitor, in memory. */
export interface MemoryOutbox extends Outbox {
  add(...outputs: string[]): void;
  readonly queued: Result[];
  readonly done: string[];
  readonly aside: { id: number; reason: string }[];
  readonly saved: Backoff[];
  /** While set, every change fails with it, as on a full disk. */
  broken: Error | null;
}

export function memoryOutbox(
  start: Backoff = { failures: 0, next: 0, kind: null, message: null },
): MemoryOutbox {
  let id = 0;
  let backoff = start;
  const take = (wanted: number) => {
    if (outbox.broken !== null) throw outbox.broken;
    const index = outbox.queued.findIndex((result) => result.id === wanted);
    return outbox.queued.splice(index, 1)[0]!;
  };
  const outbox: MemoryOutbox = {
    queued: [],
    digest: () => 0,
    done: [],
    aside: [],
    saved: [],
    broken: null,
    add(...outputs) {
      for (const output of outputs) {
        outbox.queued.push({ ...critical(output), id: ++id, place: id, attempts: 0 });
      }
    },
    waiting: (after, limit) => outbox.queued.filter((result) => result.id > after).slice(0, limit),
    delivered: (ids) => ids.forEach((one) => outbox.done.push(take(one).output)),
    failed(ids) {
      if (outbox.broken !== null) throw outbox.broken;
      for (const [i, result] of outbox.queued.entries()) {
        if (ids.includes(result.id)) {
          outbox.queued[i] = { ...result, attempts: result.attempts + 1 };
        }
      }
    },
    setAside: (one, reason) => outbox.aside.push({ id: take(one).id, reason }),
    backoff: () => backoff,
    saveBackoff(state) {
      if (outbox.broken !== null) throw outbox.broken;
      backoff = state;
      outbox.saved.push(state);
    },
  };
  return outbox;
}
