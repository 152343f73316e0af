/**
 * One NSCA connection, and what it shows a client. NSCA acknowledges nothing: only how and when the
 * daemon closes the connection shows whether it took the results.
 */
import type { Socket } from 'node:net';
import type { CheckResult } from '../../result/check-result.ts';
import { reasonAgainst } from '../command.ts';
import type { Connection } from '../connect.ts';
import { MonitorError } from '../error.ts';
import { SessionLife } from '../life.ts';
import type { Session, Verdict } from '../monitor.ts';
import type { Protocol } from '../protocol.ts';
import { loadMethod } from './cipher.ts';
import type { NscaSettings } from './config.ts';
import { encodeResults, type Greeting } from './encode.ts';
import { endError } from './ends.ts';
import { decodeInit, INIT_SIZE } from './packet.ts';
import { nscaProtocol } from './protocol.ts';
import type { Standing } from './standing.ts';

/**
 * How long our side stays open after a single packet, ms. By itself the daemon lets a packet wait
 * for two sleeps of a second at most. One that has refused before may refuse again, and may be held
 * up by another client meanwhile (`nsca --single` by one that stops inside a packet), so it gets
 * nearly all of the 10 s after which it closes an idle connection.
 */
const SINGLE_HOLD: Readonly<Record<Standing['is'], number>> = {
  new: 2_000,
  trusted: 2_000,
  suspect: 8_000,
};
/** A daemon that can't open its command file closes within this time of its init packet. */
const SETTLE = 30;

/**
 * Packets of one write; the next is prepared meanwhile. A daemon that finds half a packet sleeps
 * for a second, so a write consists of whole packets and fits a daemon's first receive window, 62
 * KiB on Linux. With Nagle's algorithm off it then arrives as it was written.
 */
const PIECE = 14;
/**
 * How many writes at the beginning of a session are followed by a pause of 1 ms, the time in which
 * a daemon reads one. Its window is small then, and a write that does not fit is cut in the middle
 * of a packet.
 */
const GENTLE = 8;

/**
 * The phases of a session, and what the end of the connection means in each:
 *
 * - `greeting`, until the init packet has come. Closed: the daemon can't use its own encryption
 *   method or doesn't talk to this host.
 * - `settling`, a moment in which nothing is sent. Closed: the daemon can't open its command file.
 *   Had we sent something, this would look like a refusal.
 * - `open`. Closed or reset: refused. A daemon that can't read a packet closes at once; with more
 *   of our packets still unread the close becomes a reset. After a single packet our side must stay
 *   open for a while, for once it is closed a refusal and a success look the same.
 * - `ending`, our side is closed. Closed: everything was read, decrypted and written. Reset:
 *   refused. Nothing: unknown.
 */
type State =
  | { readonly phase: 'greeting' | 'settling' }
  | { readonly phase: 'open'; readonly greeting: Greeting }
  | { readonly phase: 'ending'; readonly taken: () => void };

/** Takes over a connection, and returns the session when the daemon is ready for results. */
export async function startSession(
  connection: Connection,
  config: NscaSettings,
  standing: Standing,
  signal: AbortSignal,
): Promise<Session> {
  const session = new NscaSession(connection, config, standing, signal);
  await session.greet();
  return session;
}

class NscaSession implements Session {
  readonly protocol: Protocol;
  readonly failed: Promise<never>;
  readonly #config: NscaSettings;
  readonly #standing: Standing;
  readonly #where: string;
  readonly #socket: Socket;
  readonly #roundTrip: number;
  readonly #life: SessionLife;
  #state: State = { phase: 'greeting' };
  #clockOffset: number | null = null;
  #packets = 0;
  #pieces = 0;
  #lastWrite = 0;

  constructor(
    { socket, roundTrip }: Connection,
    config: NscaSettings,
    standing: Standing,
    signal: AbortSignal,
  ) {
    this.protocol = nscaProtocol(config);
    this.#config = config;
    this.#standing = standing;
    this.#where = `${config.host}:${config.port}`;
    this.#socket = socket;
    this.#roundTrip = roundTrip;
    socket.on('end', () => this.#closed(null)).on('error', (error) => this.#closed(error));
    this.#life = new SessionLife(this.#where, socket, signal);
    this.failed = this.#life.failed;
    this.failed.catch((error) => standing.failed(error));
  }

  get clockOffset(): number | null {
    return this.#clockOffset;
  }

  /** Waits until the daemon is ready for results. */
  async greet(): Promise<void> {
    const { method, password, timeout } = this.#config;
    const bytes = await this.#life.inTime(
      timeout,
      readGreeting(this.#socket),
      () =>
        new MonitorError(
          'silent',
          `${this.#where} took the connection, but sent no NSCA greeting in ${timeout / 1000} s; ` +
            'is it an NSCA daemon? If so it is stuck: restart it',
        ),
    );
    if (bytes.length > INIT_SIZE) {
      const text = `${this.#where} is not an NSCA daemon: its greeting is too long`;
      await this.#life.give(new MonitorError('protocol', text));
    }
    this.#state = { phase: 'settling' };
    const { iv, time } = decodeInit(bytes);
    // The daemon's seconds are truncated, not rounded.
    this.#clockOffset = time - Math.floor(Date.now() / 1000);
    const encrypt = (await loadMethod(method))(password, iv, 'encrypt');
    await this.#life.stay(Math.max(SETTLE, this.#roundTrip));
    this.#state = { phase: 'open', greeting: { time, encrypt } };
  }

  async send<R extends CheckResult>(
    results: readonly R[],
    onVerdict: (result: R, verdict: Verdict) => void,
  ): Promise<void> {
    let written = Promise.resolve();
    for (let at = 0; at < results.length; at += PIECE) {
      if (this.#state.phase !== 'open') return this.failed;
      const fit = results.slice(at, at + PIECE).filter((result) => {
        const reason = reasonAgainst(result, this.protocol.limits);
        if (reason !== null) onVerdict(result, { kind: 'refused', reason });
        return reason === null;
      });
      if (fit.length === 0) continue;
      const bytes = encodeResults(fit, this.#config, this.#state.greeting);
      this.#packets += fit.length;
      const before = written;
      written = write(this.#socket, bytes);
      this.#lastWrite = performance.now();
      await this.#answered(before);
      if (++this.#pieces <= GENTLE) await this.#life.rest(1);
    }
    await this.#answered(written);
  }

  holdFor(): number {
    if (this.#packets === 0) return 0;
    const hold = (this.#packets === 1 ? SINGLE_HOLD[this.#standing.is] : 0) + 4 * this.#roundTrip;
    return Math.max(0, this.#lastWrite + hold - performance.now());
  }

  async finish(): Promise<void> {
    await this.#life.stay(this.holdFor());
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#state = { phase: 'ending', taken: resolve };
    this.#socket.end();
    await this.#answered(promise);
    this.#standing.taken();
  }

  abort(): void {
    this.#life.abort();
  }

  async #answered<T>(answer: Promise<T>): Promise<T> {
    const text = `${this.#where} does not answer any more. Is it stuck? Restart it`;
    return this.#life.inTime(
      2 * this.#config.timeout,
      answer,
      () => new MonitorError('unknown', text),
    );
  }

  /** The daemon has closed its side, properly (null) or not. */
  #closed(cause: Error | null): void {
    if (this.#life.isOver) return;
    const { phase } = this.#state;
    if (phase === 'ending' && cause === null && this.#socket.writableFinished) {
      this.#life.end();
      return this.#state.taken();
    }
    const inDoubt = this.#packets === 0 || (cause !== null && this.#standing.is === 'trusted');
    const step = phase === 'greeting' || phase === 'settling' ? phase : 'sending';
    this.#life.fail(endError(this.#where, step, inDoubt, cause ?? undefined));
  }
}

/** Collects the init packet. Keeps reading after it: only a socket that is read sees its end. */
function readGreeting(socket: Socket): Promise<Buffer> {
  return new Promise((resolve) => {
    let greeting = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      if (greeting.length < INIT_SIZE) greeting = Buffer.concat([greeting, chunk]);
      if (greeting.length >= INIT_SIZE) resolve(greeting);
    });
  });
}

/** Resolves when the kernel has it all; where that fails, so does the session. */
function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    socket.write(bytes, (error) => error ?? resolve());
  });
}
