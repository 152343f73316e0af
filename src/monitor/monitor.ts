/**
 * What every monitor protocol gives. A monitor takes check results in a session; a session ends
 * with a verdict, and only a good verdict takes results out of the queue.
 */
import type { CheckResult } from '../result/check-result.ts';

/** Why a monitor did not take results. `kind` is stable for programs, the message is for people. */
export class MonitorError extends Error {
  /** `down`, `silent`, `refused`, `unknown`, …: each is logged once while a fault lasts. */
  readonly kind: string;
  constructor(kind: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MonitorError';
    this.kind = kind;
  }
}

/** A result that the monitor refused for itself (not authorised, unknown): it is set aside. */
export interface Refusal {
  readonly result: CheckResult;
  readonly reason: string;
}

/** An open session with a monitor. */
export interface Session {
  /** Sends results, in order, in one write where the protocol allows. Throws MonitorError. */
  send(results: readonly CheckResult[]): Promise<readonly Refusal[]>;
  /** Whether what `send` has sent is known to be taken when it resolves, without `finish`. */
  readonly acknowledges: boolean;
  /**
   * Milliseconds that the session must stay open yet before `finish` can tell whether the monitor
   * took all; more results may be sent meanwhile. 0 where it can tell already.
   */
  holdFor(): number;
  /** Settles (rejects) as soon as the monitor is seen to refuse or go away; never resolves. */
  readonly failed: Promise<never>;
  /** Seconds that the monitor's clock is ahead of ours; null where the protocol doesn't tell. */
  readonly clockOffset: number | null;
  /** Ends the session. Resolves only when all that was sent is known to be taken. */
  finish(): Promise<void>;
  /** Drops the connection at once. */
  abort(): void;
}

/** What a probe tells of a monitor that takes results. */
export interface Probe {
  readonly clockOffset: number | null;
}

/** A configured monitor. */
export interface Monitor {
  /** Key of its results in the queue, `monitor:5667` unless configured. */
  readonly name: string;
  /** Opens a session, ready to send; the signal ends it at any time. Throws MonitorError. */
  open(signal: AbortSignal): Promise<Session>;
  /**
   * Finds out whether the monitor would take results, password and all, without harm: at most it
   * sees an OK for a host that it doesn't know. Throws the MonitorError that a session would.
   */
  probe(signal: AbortSignal): Promise<Probe>;
}
