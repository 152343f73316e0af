/**
 * One NSCA-ng connection. The server reads one request at a time, so each is sent when the previous
 * one is answered: `PUSH <bytes>` → `OKAY` → the command → `OKAY`, or `FAIL <reason>`, which is
 * about this result alone. `BAIL <reason>` is the end of the connection. It does not support NOOP.
 */
import { randomBytes } from 'node:crypto';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { CheckResult } from '../../result/check-result.ts';
import { answerText } from '../answer.ts';
import { commandLine, reasonAgainst } from '../command.ts';
import { connect } from '../connect.ts';
import { MonitorError } from '../error.ts';
import { SessionLife } from '../life.ts';
import { TAKEN, type Session, type Verdict } from '../monitor.ts';
import type { Protocol } from '../protocol.ts';
import type { NscaNgSettings } from './config.ts';
import { tlsError } from './tls-error.ts';

/** TLS 1.3, and for servers with an old OpenSSL what nsca-ng itself lists for TLS 1.2. */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'PSK-AES256-CBC-SHA',
].join(':');

/** A longer answer is not one of NSCA-ng. */
const LINE = 4096;

/** Connects, and returns the session when the server has let us in. */
export async function startSession(
  config: NscaNgSettings,
  protocol: Protocol,
  signal: AbortSignal,
): Promise<Session> {
  // Costs 3 MB, and few agents have such a monitor.
  const { connect: connectTls } = await import('node:tls');
  const { socket: tcp } = await connect(config, signal);
  const socket = connectTls({
    socket: tcp,
    ciphers: CIPHERS,
    pskCallback: () => ({ psk: config.password, identity: config.identity }),
    // The shared key replaces a certificate.
    checkServerIdentity: () => undefined,
  } as ConnectionOptions);
  const session = new NscaNgSession(socket, config, protocol, signal);
  await session.greet();
  return session;
}

class NscaNgSession implements Session {
  readonly protocol: Protocol;
  readonly failed: Promise<never>;
  readonly clockOffset = null;
  readonly #socket: TLSSocket;
  readonly #timeout: number;
  readonly #where: string;
  readonly #life: SessionLife;
  #answer: ((line: string) => void) | null = null;

  constructor(
    socket: TLSSocket,
    { host, port, timeout }: NscaNgSettings,
    protocol: Protocol,
    signal: AbortSignal,
  ) {
    this.protocol = protocol;
    this.#socket = socket;
    this.#timeout = timeout;
    this.#where = `${host}:${port}`;
    socket.on('error', (error) => this.#life.fail(tlsError(this.#where, error)));
    socket.on('close', () => {
      const text = `${this.#where} broke off the connection; was it stopped?`;
      this.#life.fail(new MonitorError('cut', text));
    });
    this.#life = new SessionLife(this.#where, socket, signal);
    this.failed = this.#life.failed;
    this.#readAnswers();
  }

  async greet(): Promise<void> {
    await this.#inTime(new Promise<void>((resolve) => this.#socket.once('secureConnect', resolve)));
    const hello = await this.#ask(`MOIN 1 ${randomBytes(8).toString('hex')}\r\n`);
    if (hello === 'MOIN 1') return;
    const said = answerText(hello);
    const text = `${this.#where} uses another version of NSCA-ng (${said}); is it an NSCA-ng server?`;
    await this.#life.give(new MonitorError('protocol', text));
  }

  async send<R extends CheckResult>(
    results: readonly R[],
    onVerdict: (result: R, verdict: Verdict) => void,
    enough: AbortSignal,
  ): Promise<void> {
    for (const result of results) {
      if (enough.aborted) return;
      onVerdict(result, await this.#push(result));
    }
  }

  holdFor(): number {
    return 0;
  }

  async finish(): Promise<void> {
    // Everything is already acknowledged: a connection that breaks now loses nothing.
    await this.#ask('QUIT\r\n').catch(() => {});
    this.#life.end();
  }

  abort(): void {
    this.#life.abort();
  }

  async #push(result: CheckResult): Promise<Verdict> {
    const { limits } = this.protocol;
    const against = reasonAgainst(result, limits);
    if (against !== null) return { kind: 'refused', reason: against };
    const command = commandLine(result, limits);
    let answer = await this.#ask(`PUSH ${Buffer.byteLength(command)}\r\n`);
    if (answer === 'OKAY') answer = await this.#ask(command);
    if (answer === 'OKAY') return TAKEN;
    if (answer.startsWith('FAIL')) return { kind: 'refused', reason: answerText(answer.slice(5)) };
    const text = `${this.#where} gives an answer that is not NSCA-ng's (${answerText(answer)}); look at its log`;
    return this.#life.give(new MonitorError('protocol', text));
  }

  async #ask(request: string): Promise<string> {
    const answer = new Promise<string>((resolve) => (this.#answer = resolve));
    this.#socket.write(request);
    const line = await this.#inTime(answer);
    if (!line.startsWith('BAIL')) return line;
    const text = `${this.#where} refuses: ${answerText(line.slice(5))}`;
    return this.#life.give(new MonitorError('refused', text));
  }

  async #inTime<T>(answer: Promise<T>): Promise<T> {
    const text = `${this.#where} does not answer; is it stuck? Restart it`;
    return this.#life.inTime(this.#timeout, answer, () => new MonitorError('unknown', text));
  }

  #readAnswers(): void {
    let text = '';
    this.#socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (text + chunk).split('\r\n');
      text = lines.pop()!.slice(0, LINE);
      for (const line of lines) this.#answer?.(line);
    });
  }
}
