/** The life of a session over one connection, for any protocol. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pause } from '../host/pause.ts';
import { MonitorError } from './error.ts';

/**
 * A session lives until it fails or is ended successfully. In either case the connection is
 * destroyed then, and nothing of it keeps the process running.
 */
export class SessionLife {
  /** Rejects when the session fails, with the reason; never resolves. */
  readonly failed: Promise<never>;
  readonly #where: string;
  readonly #connection: { destroy(): void };
  readonly #signal: AbortSignal;
  readonly #over = new AbortController();
  readonly #reject: (error: unknown) => void;
  readonly #onAbort = (): void => this.fail(this.#signal.reason);

  /**
   * @param where the monitor, for messages
   * @param connection a connection that is opened only for this session
   * @param signal ends the session at any time
   */
  constructor(where: string, connection: { destroy(): void }, signal: AbortSignal) {
    this.#where = where;
    this.#connection = connection;
    this.#signal = signal;
    const { promise, reject } = Promise.withResolvers<never>();
    this.failed = promise;
    this.#reject = reject;
    // Nothing may be waiting at the moment when the session fails.
    promise.catch(() => {});
    signal.addEventListener('abort', this.#onAbort);
    if (signal.aborted) this.#onAbort();
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Ends the session; later errors are ignored. */
  end(): void {
    this.#over.abort();
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#connection.destroy();
  }

  /** Ends the session for this reason; only the first reason counts. */
  fail(error: unknown): void {
    if (this.isOver) return;
    this.end();
    this.#reject(error);
  }

  /** Fails, and throws the reason why the session is over: this one or an earlier one. */
  async give(error: unknown): Promise<never> {
    this.fail(error);
    return this.failed;
  }

  /** Cuts the session short: its caller no longer needs it. */
  abort(): void {
    this.fail(new MonitorError('unknown', `the session with ${this.#where} was cut short`));
  }

  /** The answer, unless the session fails first; fails with this error where it takes too long. */
  async inTime<T>(ms: number, answer: Promise<T>, late: () => MonitorError): Promise<T> {
    const timer = setTimeout(() => this.fail(late()), ms);
    try {
      return await Promise.race([answer, this.failed]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits; throws where the session fails meanwhile. */
  async stay(ms: number): Promise<void> {
    await this.rest(ms);
    // A delayed process runs its timers before it sees what arrived meanwhile.
    await nextTurn();
    if (this.isOver) await this.failed;
  }

  /** Waits, but not longer than the session lives. */
  async rest(ms: number): Promise<void> {
    await pause(ms, this.#over.signal);
  }
}
