/**
 * What every monitor protocol gives: the contract between a protocol's folder and the delivery.
 *
 * A monitor takes check results in sessions, one session at a time. A result leaves the queue only
 * when the protocol has said that it is taken. What has no verdict when a session fails is sent
 * again, so a protocol never says `taken` on a guess, and never keeps a result back silently.
 */
import type { CheckResult } from '../result/check-result.ts';
import type { FindingKind } from '../text/finding.ts';
import type { Protocol } from './protocol.ts';

/**
 * What became of one result. `refused`: the monitor (or the protocol's limits) refuses this result
 * for itself: unknown service, not authorised for it, a name that cannot be carried. It would be
 * refused again, so it is set aside with the reason, and others go on.
 */
export type Verdict =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly reason: string };

export const TAKEN: Verdict = { kind: 'taken' };

/** An open session with a monitor. It owns what it opened: after its end nothing is left open. */
export interface Session {
  /** What the protocol of this session can do: with failover, the one that was opened. */
  readonly protocol: Protocol;
  /**
   * Sends results. The caller waits for the end of one `send` before the next, and gives at most
   * `protocol.batch` results.
   *
   * The order of the results of one host and service is kept; others may overtake each other, on
   * as many connections as the protocol likes.
   *
   * `onVerdict` is called once a result at most, at the moment that the verdict is known, not at the
   * end of the group: the result is taken out of the queue there and then. A protocol that
   * acknowledges `each` must have called it for every result when `send` resolves (but see
   * `enough`). One that
   * acknowledges `session` calls it for refused results only.
   *
   * When `enough` aborts (the session has lasted long enough, or the agent stops), a protocol that
   * acknowledges `each` begins no further result: it waits for the verdicts of what is on its way,
   * and resolves; the rest of the group gets no verdict and is sent later. One that acknowledges
   * `session` may pass over it.
   *
   * Each step (a connection, an answer) has its own time limit; `send` as a whole has none.
   * Throws MonitorError when the session is over; no verdict is given after that.
   */
  send<R extends CheckResult>(
    results: readonly R[],
    onVerdict: (result: R, verdict: Verdict) => void,
    enough: AbortSignal,
  ): Promise<void>;
  /**
   * Milliseconds that the session must stay open yet before `finish` can tell whether the monitor
   * took all; more results may be sent meanwhile. 0 where it can tell already.
   */
  holdFor(): number;
  /**
   * Rejects as soon as the monitor is seen to refuse or go away, also while nobody waits for it;
   * never resolves. It must have a handler of its own, so that it is never an unhandled rejection.
   */
  readonly failed: Promise<never>;
  /** Seconds that the monitor's clock is ahead of ours; null where the protocol doesn't tell. */
  readonly clockOffset: number | null;
  /**
   * Ends the session. Resolves only when all that was sent, and had no verdict yet, is known to be
   * taken; throws MonitorError otherwise. With nothing sent it ends the session just as well. Where
   * `each` is acknowledged an error here would say nothing, and is swallowed.
   */
  finish(): Promise<void>;
  /** Drops the connection at once. May be called at any time, also twice. */
  abort(): void;
}

/** A service that the configuration reports to; an empty service is the host itself. */
export interface Service {
  readonly host: string;
  readonly service: string;
}

/** One thing that a probe found, in words for an administrator. `note` is no mistake. */
export interface Finding {
  readonly kind: FindingKind;
  readonly text: string;
}

/** A configured monitor. */
export interface Monitor {
  /** Key of its results in the queue, `monitor:5667` unless configured. */
  readonly name: string;
  /**
   * Opens a session, ready to send: the server has been reached and, where the protocol can tell,
   * has let us in. The signal ends the session at any time, its opening included: the reason is
   * thrown. Throws MonitorError.
   */
  open(signal: AbortSignal): Promise<Session>;
  /**
   * Finds out, without harm, whether the monitor would take results of these services: password and
   * all; at most it sees an OK for a host that it doesn't know. Gives an `ok` with what was shown,
   * and a `note` or `problem` for each service that is missing, and for what it can see but denywatch
   * cannot mend. Throws the MonitorError that a session would.
   */
  probe(services: readonly Service[], signal: AbortSignal): Promise<readonly Finding[]>;
}
