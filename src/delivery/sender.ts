/** Sends what waits in an open session: in groups, paced, within the session's bounds. */
import type { Session, Verdict } from '../monitor/monitor.ts';
import type { Protocol } from '../monitor/protocol.ts';
import type { Outbox } from '../queue/outbox.ts';
import type { Result } from '../queue/result.ts';
import { pause } from '../host/pause.ts';
import { paceOf, type PaceConfig } from './config.ts';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import { half, nextSize } from './pace.ts';

/** Bounds of one session, groups and ms: if it is cut, results without a verdict are sent again. */
const SESSION_GROUPS = 20;
const SESSION_TIME = 10_000;
/** A group is too large if it takes longer to write than this and than the pause after it, ms. */
const SLOW = 100;

/**
 * How many single results in a row may be set aside because the monitor does not take them. If
 * there are more, the fault is the monitor's, not theirs.
 */
const ASIDE = 10;

export interface SenderParts {
  readonly outbox: Pick<Outbox, 'waiting'>;
  readonly ledger: Ledger;
  readonly faults: Pick<Faults, 'setAside'>;
  readonly pace: PaceConfig;
  /** Aborts when nothing more may be sent. */
  readonly stopping: AbortSignal;
  /** Waits the given time, ms, or until new results may wait. */
  readonly sleep: (ms: number) => Promise<void>;
}

export class Sender {
  readonly #parts: SenderParts;
  /** When the last group began, ms since 1970: groups are paced across sessions too. */
  #lastGroup = 0;
  /** Size of the next group: at most the pace's. */
  #size = Infinity;
  /** Single results that were set aside since the monitor last took one. */
  #aside = 0;
  #verdicts = 0;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Grows with each verdict. */
  get verdicts(): number {
    return this.#verdicts;
  }

  /**
   * Sends until nothing waits and the session need not stay open, or its bounds are reached.
   * @param most results that the session may carry, besides its own bounds
   * @returns how many it carried
   */
  async send(session: Session, most: number): Promise<number> {
    const enough = new AbortController();
    const end = () => enough.abort();
    const timer = setTimeout(end, SESSION_TIME);
    const { stopping } = this.#parts;
    stopping.addEventListener('abort', end);
    if (stopping.aborted) end();
    try {
      return await this.#sendGroups(session, most, enough.signal);
    } finally {
      clearTimeout(timer);
      stopping.removeEventListener('abort', end);
    }
  }

  /**
   * The monitor took nothing of the group: the next one is half as large, and a single result is
   * set aside. False if that cannot help.
   */
  shrink(reason: string): boolean {
    const { ledger } = this.#parts;
    const { open } = ledger;
    if (open === 0 || (open === 1 && this.#aside >= ASIDE)) return false;
    const ids = ledger.giveUp();
    if (open === 1) {
      this.#aside++;
      this.#refuse(ids[0]!, reason);
    }
    this.#size = half(open);
    return true;
  }

  /** The session was cut while results were under way. */
  cut(): void {
    this.#size = half(this.#size);
  }

  async #sendGroups(session: Session, allowed: number, enough: AbortSignal): Promise<number> {
    const { outbox, pace, sleep, stopping } = this.#parts;
    const { protocol } = session;
    const { results, every } = paceOf(pace, protocol.pace);
    const most = Math.min(allowed, SESSION_GROUPS * results);
    let last = -Infinity;
    let count = 0;
    while (count < most && !enough.aborted) {
      if (outbox.waiting(last, 1).length === 0) {
        const hold = session.holdFor();
        if (hold <= 0) return count;
        await Promise.race([sleep(hold), session.failed]);
        continue;
      }
      const early = Math.min(this.#lastGroup + every - Date.now(), every);
      if (early > 0) await pause(early, stopping);
      this.#size = Math.min(this.#size, results);
      const limit = Math.min(this.#size, most - count, protocol.batch);
      const group = upTo(this.#size, outbox.waiting(last, limit), protocol);
      last = group.at(-1)?.place ?? last;
      count += group.length;
      await this.#sendGroup(session, group, enough);
      // If each result is answered, any group takes long on a slow connection; and without a pause
      // between groups the connection alone sets the pace.
      const unhurried = protocol.acknowledges === 'each' || every === 0;
      const inTime = unhurried || Date.now() - this.#lastGroup <= Math.max(every, SLOW);
      this.#size = nextSize(this.#size, results, inTime);
    }
    return count;
  }

  async #sendGroup(session: Session, group: readonly Result[], enough: AbortSignal): Promise<void> {
    const { ledger } = this.#parts;
    this.#lastGroup = Date.now();
    ledger.sent(group.map(({ id }) => id));
    await session.send(group, ({ id }, verdict) => this.#judge(id, verdict), enough);
    // Results that it left out because it had enough stay waiting.
    if (session.protocol.acknowledges === 'each') ledger.giveUp();
    ledger.record();
  }

  #judge(id: number, verdict: Verdict): void {
    this.#verdicts++;
    if (verdict.kind === 'refused') return this.#refuse(id, verdict.reason);
    this.#aside = 0;
    this.#parts.ledger.judge(id, verdict);
  }

  #refuse(id: number, reason: string): void {
    this.#parts.ledger.judge(id, { kind: 'refused', reason });
    this.#parts.faults.setAside(reason);
  }
}

/** The first results that together count for `limit`, at least one. */
function upTo(limit: number, group: Result[], { weight }: Protocol): Result[] {
  let count = 0;
  const end = group.findIndex((result) => {
    count += weight(result);
    return count > limit;
  });
  return end === -1 ? group : group.slice(0, Math.max(1, end));
}
