/**
 * A session with one gearmand: background jobs for the queue `check_results`, one a result, many
 * under way at a time. gearmand answers in the order of the requests: JOB_CREATED once it has the
 * job in memory.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { CheckResult } from '../../result/check-result.ts';
import { answerText } from '../answer.ts';
import { outputOf, reasonAgainst } from '../command.ts';
import { connect } from '../connect.ts';
import { MonitorError } from '../error.ts';
import { SessionLife } from '../life.ts';
import { TAKEN, type Session, type Verdict } from '../monitor.ts';
import type { GearmanSettings } from './config.ts';
import { encodeRequest, PacketReader, TYPE, type Packet } from './packet.ts';
import { payloadOf } from './payload.ts';
import { gearmanProtocol } from './protocol.ts';
import { reasonOf } from '../../text/reason.ts';

export const QUEUE = 'check_results';

/** Jobs of one write. When the time is up, at most these are under way. */
const PIECE = 200;

/** One of these ends a job. */
const ENDS = new Set<number>([TYPE.WORK_COMPLETE, TYPE.WORK_FAIL, TYPE.WORK_EXCEPTION]);

/** Connects, and returns a session when gearmand has answered an echo. */
export async function startSession(
  settings: GearmanSettings,
  signal: AbortSignal,
): Promise<GearmanSession> {
  const { socket } = await connect(settings, signal);
  const life = new SessionLife(`${settings.host}:${settings.port}`, socket, signal);
  const session = new GearmanSession(settings, life, (bytes) => void socket.write(bytes));
  socket.on('data', (chunk: Buffer) => session.read(chunk));
  socket.on('error', (error) => session.broke(error)).on('close', () => session.broke());
  socket.on('end', () => session.broke());
  await session.echo();
  return session;
}

export class GearmanSession implements Session {
  readonly protocol = gearmanProtocol;
  readonly clockOffset = null;
  readonly #settings: GearmanSettings;
  readonly #where: string;
  readonly #life: SessionLife;
  readonly #write: (bytes: Buffer) => void;
  readonly #reader = new PacketReader();
  /** The handlers of the expected answers, in order. */
  readonly #due: ((packet: Packet) => void)[] = [];

  constructor(settings: GearmanSettings, life: SessionLife, write: (bytes: Buffer) => void) {
    this.#settings = settings;
    this.#where = `${settings.host}:${settings.port}`;
    this.#life = life;
    this.#write = write;
  }

  get failed(): Promise<never> {
    return this.#life.failed;
  }

  async send<R extends CheckResult>(
    results: readonly R[],
    onVerdict: (result: R, verdict: Verdict) => void,
    enough: AbortSignal,
  ): Promise<void> {
    for (let at = 0; at < results.length && !enough.aborted; at += PIECE) {
      const requests: Buffer[] = [];
      let last: Promise<Packet> | null = null;
      for (const result of results.slice(at, at + PIECE)) {
        const reason = reasonAgainst(result, gearmanProtocol.limits);
        if (reason === null) {
          requests.push(this.#request(TYPE.SUBMIT_JOB_BG, result));
          last = this.#answer(TYPE.JOB_CREATED, () => onVerdict(result, TAKEN));
        } else onVerdict(result, { kind: 'refused', reason });
      }
      this.#write(Buffer.concat(requests));
      if (last !== null) await this.#inTime(last);
    }
    if (this.#life.isOver) await this.#life.failed;
  }

  holdFor(): number {
    return 0;
  }

  finish(): Promise<void> {
    this.#life.end();
    return Promise.resolve();
  }

  abort(): void {
    this.#life.abort();
  }

  /** Resolves when gearmand has echoed what it received. */
  async echo(): Promise<void> {
    const text = randomBytes(8).toString('hex');
    const answer = this.#answer(TYPE.ECHO_RES);
    this.#write(encodeRequest(TYPE.ECHO_REQ, text));
    const { data } = await this.#inTime(answer);
    if (data.toString('latin1') !== text) await this.#life.give(this.#noGearmand());
  }

  /**
   * Has a worker of the queue read a result while we wait: `done`, or `failed` where the worker
   * could not read it. `silent`: it did not answer in time; then the session is over.
   */
  async ask(result: CheckResult): Promise<'done' | 'failed' | 'silent'> {
    const created = this.#answer(TYPE.JOB_CREATED);
    const { promise: worked, resolve } = Promise.withResolvers<Packet>();
    // A worker may send more before that.
    const take = (packet: Packet): void => {
      if (ENDS.has(packet.type)) resolve(packet);
      else this.#due.push(take);
    };
    this.#due.push(take);
    this.#write(this.#request(TYPE.SUBMIT_JOB, result));
    try {
      await this.#inTime(created);
      const { type } = await this.#inTime(worked);
      return type === TYPE.WORK_COMPLETE ? 'done' : 'failed';
    } catch (error) {
      if (error instanceof MonitorError && error.kind === 'silent') return 'silent';
      throw error;
    }
  }

  /** Handles bytes from gearmand. */
  read(chunk: Buffer): void {
    if (this.#life.isOver) return;
    try {
      for (const packet of this.#reader.read(chunk)) {
        const due = this.#due.shift();
        if (due === undefined) return this.#life.fail(this.#noGearmand());
        due(packet);
        if (this.#life.isOver) return;
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#life.fail(this.#noGearmand());
    }
  }

  /** The connection is over. */
  broke(error?: Error): void {
    const text =
      error === undefined
        ? `${this.#where} broke off the connection; was it stopped?`
        : `${this.#where} broke off the connection: ${reasonOf(error)}`;
    this.#life.fail(new MonitorError('cut', text, { cause: error }));
  }

  #request(type: number, result: CheckResult): Buffer {
    const output = outputOf(result, Date.now(), gearmanProtocol.limits);
    const payload = payloadOf(result, output, this.#settings.key);
    return encodeRequest(type, QUEUE, uniqueOf(result), payload);
  }

  /** The next answer, which must be of this type; `then` runs before anything that waits for it. */
  #answer(type: number, then: () => void = () => {}): Promise<Packet> {
    const { promise, resolve } = Promise.withResolvers<Packet>();
    this.#due.push((packet) => {
      if (packet.type === type) {
        then();
        resolve(packet);
      } else
        this.#life.fail(packet.type === TYPE.ERROR ? this.#refusal(packet) : this.#noGearmand());
    });
    return promise;
  }

  #inTime<T>(answer: Promise<T>): Promise<T> {
    const { timeout } = this.#settings;
    return this.#life.inTime(timeout, answer, () => {
      const text = `${this.#where} did not answer in ${timeout / 1000} s; is it a gearmand? If so it is stuck: restart it`;
      return new MonitorError('silent', text);
    });
  }

  #noGearmand(): MonitorError {
    return new MonitorError('protocol', `what answers at ${this.#where} is not gearmand`);
  }

  #refusal({ data }: Packet): MonitorError {
    const text = answerText(data.toString('utf8').replace('\0', ': '));
    return new MonitorError('busy', `${this.#where} takes no jobs at the moment: ${text}`);
  }
}

/**
 * The name by which gearmand identifies a job. While a job waits, one with the same name is not
 * queued again: so a result that is sent again after a broken connection arrives once. A result
 * that is not in our queue has no number, and could be one of several equal ones.
 */
function uniqueOf(result: CheckResult & { readonly id?: number }): string {
  if (result.id === undefined) return randomBytes(16).toString('hex');
  const { id, at, host, service, state, output } = result;
  const text = JSON.stringify([id, at, host, service, state, output]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
