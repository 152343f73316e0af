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

/** Bounds of one session, groups and ms: what has no verdict is sent again when it is cut. */
const SESSION_GROUPS = 20;
const SESSION_TIME = 10_000;
/**
 * Results in a session after one that failed: nothing is known of the monitor but that it answers.
 * Of two that NSCA's daemon took it shows that at once, of one only seconds later.
 */
const TRIAL_RESULTS = 2;

/** A group that takes longer to write than this and than the pause after it is too large, ms. */
const SLOW = 100;

/**
 * So many single results in a row may be set aside because the monitor takes nothing of them. When
 * there are more it is the monitor that is at fault, not the results.
 */
const ASIDE = 10;

export interface SenderParts {
  readonly outbox: Pick<Outbox, 'waiting'>;
  readonly ledger: Ledger;
  readonly faults: Pick<Faults, 'setAside'>;
  readonly pace: PaceConfig;
  /** Aborts when no more shall be sent. */
  readonly stopping: AbortSignal;
  /** Waits so many ms, or until new results may wait. */
  readonly sleep: (ms: number) => Promise<void>;
}

export class Sender {
  readonly #parts: SenderParts;
  /** When the last group began, ms since 1970: groups keep their distance over sessions too. */
  #lastGroup = 0;
  /** Results of the next group: at most the pace's. */
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
   * Sends until nothing waits and the session needs to be held open no longer, or its bounds are
   * reached.
   * @param trial whether nothing is known of the monitor but that it answers
   */
  async send(session: Session, trial: boolean): Promise<void> {
    const enough = new AbortController();
    const end = () => enough.abort();
    const timer = setTimeout(end, SESSION_TIME);
    const { stopping } = this.#parts;
    stopping.addEventListener('abort', end);
    if (stopping.aborted) end();
    try {
      await this.#sendGroups(session, trial, enough.signal);
    } finally {
      clearTimeout(timer);
      stopping.removeEventListener('abort', end);
    }
  }

  /**
   * The monitor took nothing of the group: half as many the next time, and a single one is set
   * aside. False where that cannot help.
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

  /** The session was cut with results in it. */
  cut(): void {
    this.#size = half(this.#size);
  }

  async #sendGroups(session: Session, trial: boolean, enough: AbortSignal): Promise<void> {
    const { outbox, pace, sleep, stopping } = this.#parts;
    const { protocol } = session;
    const { results, every } = paceOf(pace, protocol.pace);
    const most = trial ? TRIAL_RESULTS : SESSION_GROUPS * results;
    let last = -Infinity;
    let count = 0;
    while (count < most && !enough.aborted) {
      if (outbox.waiting(last, 1).length === 0) {
        const hold = session.holdFor();
        if (hold <= 0) return;
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
      // Where each result is answered, a long way to the monitor makes a long time of any group; and
      // without a pause between groups the connection alone paces.
      const unhurried = protocol.acknowledges === 'each' || every === 0;
      const inTime = unhurried || Date.now() - this.#lastGroup <= Math.max(every, SLOW);
      this.#size = nextSize(this.#size, results, inTime);
    }
  }

  async #sendGroup(session: Session, group: readonly Result[], enough: AbortSignal): Promise<void> {
    const { ledger } = this.#parts;
    this.#lastGroup = Date.now();
    ledger.sent(group.map(({ id }) => id));
    await session.send(group, ({ id }, verdict) => this.#judge(id, verdict), enough);
    // What it left out because it was enough waits on.
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

/** As many of the results as count for `limit`, at least one. */
function upTo(limit: number, group: Result[], { weight }: Protocol): Result[] {
  let count = 0;
  const end = group.findIndex((result) => {
    count += weight(result);
    return count > limit;
  });
  return end === -1 ? group : group.slice(0, Math.max(1, end));
}
