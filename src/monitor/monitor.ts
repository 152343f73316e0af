/**
 * The interface of every monitor protocol: the contract between a protocol's folder and the
 * delivery.
 *
 * A monitor takes check results in sessions, one session at a time. A result leaves the queue only
 * when the protocol has reported it as taken. Results without a verdict when a session fails are
 * sent again, so a protocol never guesses `taken`, and never withholds a result silently.
 */
import type { CheckResult } from '../result/check-result.ts';
import type { FindingKind } from '../text/finding.ts';
import type { Protocol } from './protocol.ts';

/**
 * The verdict on one result. `refused`: the monitor (or the protocol's limits) refuses this
 * particular result: unknown service, not authorised for it, a name that cannot be sent. It would
 * be refused again, so it is set aside with the reason, and the others are sent.
 */
export type Verdict =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly reason: string };

export const TAKEN: Verdict = { kind: 'taken' };

/** An open session with a monitor. It owns what it opened: after its end nothing is left open. */
export interface Session {
  /**
   * What the protocol of this session can do; with failover, that of the monitor that was opened.
   */
  readonly protocol: Protocol;
  /**
   * Sends results. The caller waits for the end of one `send` before the next, and gives at most
   * `protocol.batch` results.
   *
   * The order of the results of one host and service is kept; others may overtake each other, on
   * any number of connections.
   *
   * `onVerdict` is called at most once a result, as soon as the verdict is known, not at the end of
   * the group: the result is removed from the queue at once. A protocol that acknowledges `each`
   * must have called it for every result when `send` resolves (but see `enough`). One that
   * acknowledges `session` calls it for refused results only.
   *
   * When `enough` aborts (the session has lasted long enough, or the agent stops), a protocol that
   * acknowledges `each` begins no further result: it waits for the verdicts of what is on its way,
   * and resolves; the rest of the group gets no verdict and is sent later. One that acknowledges
   * `session` may ignore it.
   *
   * Each step (a connection, an answer) has its own time limit; `send` as a whole has none. Throws
   * MonitorError when the session is over; no verdict is given after that.
   */
  send<R extends CheckResult>(
    results: readonly R[],
    onVerdict: (result: R, verdict: Verdict) => void,
    enough: AbortSignal,
  ): Promise<void>;
  /**
   * How many more milliseconds the session must stay open before `finish` can know whether the
   * monitor took everything; more results may be sent meanwhile. 0 where it can know already.
   */
  holdFor(): number;
  /**
   * Rejects as soon as the monitor is seen to refuse or go away, even while nothing waits for it;
   * never resolves. It must have a handler of its own, so that it is never an unhandled rejection.
   */
  readonly failed: Promise<never>;
  /**
   * How many seconds the monitor's clock is ahead of ours; null where the protocol does not show
   * it.
   */
  readonly clockOffset: number | null;
  /**
   * Ends the session. Resolves only when everything that was sent and had no verdict yet is known
   * to be taken; throws MonitorError otherwise. It also ends a session in which nothing was sent.
   * Where `each` is acknowledged an error here would mean nothing, and is ignored.
   */
  finish(): Promise<void>;
  /** Drops the connection at once. May be called at any time, and more than once. */
  abort(): void;
}

/** A service that the configuration reports to; an empty service is the host itself. */
export interface Service {
  readonly host: string;
  readonly service: string;
}

/** One finding of a probe, for an administrator. A `note` is not a mistake. */
export interface Finding {
  readonly kind: FindingKind;
  readonly text: string;
}

/** A configured monitor. */
export interface Monitor {
  /** Key of its results in the queue, `monitor:5667` unless configured. */
  readonly name: string;
  /**
   * Opens a session, ready to send: the server has been reached and, where the protocol shows it,
   * has let us in. The signal ends the session at any time, also while it is being opened: the
   * reason is thrown. Throws MonitorError.
   */
  open(signal: AbortSignal): Promise<Session>;
  /**
   * Finds out without harm whether the monitor would take results for these services, including the
   * password; at most it receives an OK for a host that it does not know. Returns an `ok` with what
   * was shown, and a `note` or `problem` for each missing service, and for what it can see but
   * denywatch cannot fix. Throws the MonitorError that a session would.
   */
  probe(services: readonly Service[], signal: AbortSignal): Promise<readonly Finding[]>;
}
