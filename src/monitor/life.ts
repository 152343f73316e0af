/** The life of a session over one connection, whatever is spoken over it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pause } from '../host/pause.ts';
import { MonitorError } from './error.ts';

/**
 * A session lives until it fails, or is ended well. Whatever the reason, the connection is
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
   * @param connection what is opened only for this session
   * @param signal ends the session at any time
   */
  constructor(where: string, connection: { destroy(): void }, signal: AbortSignal) {
    this.#where = where;
    this.#connection = connection;
    this.#signal = signal;
    const { promise, reject } = Promise.withResolvers<never>();
    this.failed = promise;
    this.#reject = reject;
    // Nobody may be waiting at the moment in which the session fails.
    promise.catch(() => {});
    signal.addEventListener('abort', this.#onAbort);
    if (signal.aborted) this.#onAbort();
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** The session is over, well or not: nothing is wrong any more. */
  end(): void {
    this.#over.abort();
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#connection.destroy();
  }

  /** Ends the session for this reason; only the first one counts. */
  fail(error: unknown): void {
    if (this.isOver) return;
    this.end();
    this.#reject(error);
  }

  /** Fails, and throws the reason for which the session is over, this one or an earlier one. */
  async give(error: unknown): Promise<never> {
    this.fail(error);
    return this.failed;
  }

  /** Somebody does not want it any more. */
  abort(): void {
    this.fail(new MonitorError('unknown', `the session with ${this.#where} was cut short`));
  }

  /** The answer, unless the session fails first; with this error where it takes too long. */
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
    // A process that was held up runs its timers before it sees what came meanwhile.
    await nextTurn();
    if (this.isOver) await this.failed;
  }

  /** Waits, for less where the session fails meanwhile. */
  async rest(ms: number): Promise<void> {
    await pause(ms, this.#over.signal);
  }
}
