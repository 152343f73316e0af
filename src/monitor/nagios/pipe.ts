/**
 * A session with the command pipe (command_file) of a Nagios on this machine. Nobody answers. What
 * can be seen is that the pipe exists, that it has a reader, and that it is still the same pipe a
 * second after the last command: by then its reader has had the time to read that.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, writeSync } from 'node:fs';
import type { CheckResult } from '../../result/check-result.ts';
import { commandLine, reasonAgainst } from '../command.ts';
import { MonitorError } from '../error.ts';
import { SessionLife } from '../life.ts';
import type { Session, Verdict } from '../monitor.ts';
import { accessError } from './access.ts';
import { pipeProtocol } from './protocol.ts';

/** What is still in the pipe this long after it was written will not be read, ms. */
const SETTLE = 1_000;
/** Nagios empties a full pipe within this time, ms. */
const FULL = 10;

export interface Pipe {
  readonly path: string;
  /** How long the pipe may be full, ms. */
  readonly timeout: number;
}

/** An open pipe, and which one it is. */
interface Opened {
  readonly fd: number;
  readonly ino: number;
}

/**
 * Opens a session.
 * @throws MonitorError if there is no pipe, or nobody reads it; or the signal's reason
 */
export function openPipe(pipe: Pipe, signal: AbortSignal): Session {
  signal.throwIfAborted();
  return new PipeSession(pipe, signal);
}

class PipeSession implements Session {
  readonly protocol = pipeProtocol;
  readonly clockOffset = null;
  readonly #pipe: Pipe;
  readonly #life: SessionLife;
  /**
   * It stays open to the end of the session: the content of a pipe is lost with the last process
   * that has it open, and a restarted Nagios continues with the pipe that it finds.
   */
  readonly #first: Opened;
  #lastWrite = -Infinity;

  constructor(pipe: Pipe, signal: AbortSignal) {
    this.#pipe = pipe;
    this.#first = openFifo(pipe.path);
    const { fd } = this.#first;
    this.#life = new SessionLife('Nagios', { destroy: () => closeSync(fd) }, signal);
  }

  get failed(): Promise<never> {
    return this.#life.failed;
  }

  async send<R extends CheckResult>(
    results: readonly R[],
    onVerdict: (result: R, verdict: Verdict) => void,
  ): Promise<void> {
    const { limits } = pipeProtocol;
    const fd = await this.#sameAgain();
    try {
      for (const result of results) {
        const reason = reasonAgainst(result, limits);
        if (reason === null) {
          await this.#write(fd, Buffer.from(commandLine(result, limits)));
        } else onVerdict(result, { kind: 'refused', reason });
      }
    } finally {
      closeSync(fd);
    }
  }

  holdFor(): number {
    return Math.max(0, this.#lastWrite + SETTLE - performance.now());
  }

  async finish(): Promise<void> {
    await this.#life.stay(this.holdFor());
    if (this.#lastWrite > -Infinity) closeSync(await this.#sameAgain());
    this.#life.end();
  }

  abort(): void {
    this.#life.abort();
  }

  /**
   * Opens the pipe again, or throws where it is another one: what happened to the first is not
   * known.
   */
  async #sameAgain(): Promise<number> {
    if (this.#life.isOver) await this.#life.failed;
    const again = openFifo(this.#pipe.path);
    if (again.ino === this.#first.ino) return again.fd;
    closeSync(again.fd);
    const text = `Nagios made ${this.#pipe.path} again: it was restarted, and may not have read everything in the old one`;
    throw new MonitorError('cut', text);
  }

  /** One command in one write, which a pipe takes whole or not at all. */
  async #write(fd: number, command: Buffer): Promise<void> {
    const end = performance.now() + this.#pipe.timeout;
    for (;;) {
      try {
        writeSync(fd, command);
        this.#lastWrite = performance.now();
        return;
      } catch (error) {
        if (!isCode(error, 'EAGAIN')) throw pipeError(this.#pipe.path, error);
        if (performance.now() > end) {
          const text = `${this.#pipe.path} has been full for ${this.#pipe.timeout / 1000} s: Nagios does not read it; is it stuck? Restart it`;
          throw new MonitorError('busy', text, { cause: error });
        }
        await this.#life.stay(FULL);
      }
    }
  }
}

/**
 * Opens a FIFO that somebody reads. Never creates anything: a plain file in its place would keep
 * Nagios from starting. Does not follow a symbolic link: it could lead anywhere.
 */
function openFifo(path: string): Opened {
  let fd: number;
  try {
    if (!lstatSync(path).isFIFO()) throw noPipe(path);
    fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    throw pipeError(path, error);
  }
  const stats = fstatSync(fd);
  if (stats.isFIFO()) return { fd, ino: stats.ino };
  closeSync(fd);
  throw noPipe(path);
}

function noPipe(path: string): MonitorError {
  const text = `${path} is not a pipe, so nothing is written to it: stop Nagios, remove it, and start Nagios, which makes the pipe`;
  return new MonitorError('local', text);
}

function pipeError(path: string, cause: unknown): MonitorError {
  if (cause instanceof MonitorError) return cause;
  const options = { cause };
  if (isCode(cause, 'ENXIO')) {
    return new MonitorError(
      'down',
      `nobody reads ${path}: Nagios is not running; start it`,
      options,
    );
  }
  if (isCode(cause, 'ENOENT')) {
    const text = `there is no ${path}: Nagios is not running, or takes no external commands (check_external_commands in nagios.cfg)`;
    return new MonitorError('down', text, options);
  }
  if (isCode(cause, 'EPIPE')) {
    return new MonitorError('cut', `Nagios stopped reading ${path}; was it stopped?`, options);
  }
  return accessError('pipe', path, cause);
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
