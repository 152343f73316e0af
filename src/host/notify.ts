/**
 * Reports the state of the service to systemd: sd_notify(3) without a native addon.
 *
 * Node has no Unix datagram sockets, so a message is sent in one of two ways:
 * - through a descriptor that systemd connected: `OpenFile=/run/systemd/notify:notify` in the unit,
 *   systemd 253 or newer. A write to it costs next to nothing.
 * - through `systemd-notify`, one process for each message, which needs `NotifyAccess=all`. Each
 *   costs about 7 ms of CPU: 0.01 % of a core for a watchdog fed every minute. A helper that stays
 *   would save that, but cost memory and be another process to supervise.
 * Without NOTIFY_SOCKET nothing is sent.
 */
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import type { Logger } from 'pino';

/** How long a status text waits for another message to be sent with, milliseconds. */
const STATUS_WAIT = 10_000;
/** How long systemd-notify may take, which waits until systemd has read the message, ms. */
const HELPER_TIMEOUT = 10_000;

/** None of these throws or waits. Messages arrive in the order in which they are sent. */
export interface Notifier {
  /** The service is up, or has finished reloading. */
  ready(): void;
  /** The configuration is being read again; `ready` must follow, even if it was refused. */
  reloading(): void;
  stopping(): void;
  /** One line for `systemctl status`. Sent within ten seconds; the last one wins. */
  status(text: string): void;
  /** Feeds the watchdog. */
  watchdog(): void;
}

/** Reports to the systemd that the environment names, if any. The first failure is logged. */
export function notifier(env: NodeJS.ProcessEnv = process.env, log?: Logger): Notifier {
  return env['NOTIFY_SOCKET'] ? new SystemdNotifier(env, log) : SILENT;
}

const nothing = () => {};
const SILENT: Notifier = {
  ready: nothing,
  reloading: nothing,
  stopping: nothing,
  status: nothing,
  watchdog: nothing,
};

class SystemdNotifier implements Notifier {
  readonly #env: NodeJS.ProcessEnv;
  readonly #log: Logger | undefined;
  readonly #descriptor: number | undefined;
  /** Messages not sent yet, beside the one on its way while it is busy. */
  readonly #queue: string[][] = [];
  #isBusy = false;
  #hasFailed = false;
  #status: string | undefined;
  /** The status that systemd has. */
  #sent: string | undefined;
  /** Runs while a status waits for another message. */
  #timer: NodeJS.Timeout | undefined;

  constructor(env: NodeJS.ProcessEnv, log: Logger | undefined) {
    this.#env = env;
    this.#log = log;
    this.#descriptor = inherited(env);
  }

  ready(): void {
    this.#send('READY=1');
  }

  reloading(): void {
    // With Type=notify-reload the time shows whether this answers an earlier signal.
    this.#send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
  }

  stopping(): void {
    this.#send('STOPPING=1');
  }

  status(text: string): void {
    this.#status = text.replaceAll('\n', ' ');
    this.#timer ??= setTimeout(() => this.#send(), STATUS_WAIT).unref();
  }

  watchdog(): void {
    this.#send('WATCHDOG=1');
  }

  /** Sends lines as one message, with the status if that has changed. */
  #send(...lines: string[]): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#status !== undefined && this.#status !== this.#sent)
      lines.push(`STATUS=${this.#status}`);
    this.#sent = this.#status;
    if (lines.length > 0) this.#queue.push(lines);
    this.#next();
  }

  #next(): void {
    const message = this.#isBusy ? undefined : this.#queue.shift();
    if (message === undefined) return;
    this.#isBusy = true;
    const done = (error?: Error) => this.#done(error);
    if (this.#descriptor === undefined) byHelper(message, this.#env, done);
    else byDescriptor(message, this.#descriptor, done);
  }

  #done(error: Error | undefined): void {
    this.#isBusy = false;
    if (error !== undefined && !this.#hasFailed) {
      this.#hasFailed = true;
      this.#log?.warn(
        { err: error },
        'cannot report to systemd; install systemd-notify, or use Type=exec',
      );
    }
    this.#next();
  }
}

/** The descriptor named `notify` among those that systemd passed to this process. */
function inherited(env: NodeJS.ProcessEnv): number | undefined {
  if (env['LISTEN_PID'] !== `${process.pid}`) return undefined;
  const index = (env['LISTEN_FDNAMES'] ?? '').split(':').indexOf('notify');
  return index === -1 ? undefined : 3 + index;
}

function byDescriptor(message: readonly string[], fd: number, done: (error?: Error) => void): void {
  try {
    writeSync(fd, message.join('\n'));
    done();
  } catch (error) {
    done(error as Error);
  }
}

function byHelper(
  message: readonly string[],
  env: NodeJS.ProcessEnv,
  done: (error?: Error) => void,
): void {
  const child = spawn('systemd-notify', message, {
    env,
    stdio: 'ignore',
    timeout: HELPER_TIMEOUT,
    killSignal: 'SIGKILL',
  });
  child.unref();
  child.once('error', done);
  child.once('exit', (status, signal) =>
    done(status === 0 ? undefined : new Error(`systemd-notify ended with ${status ?? signal}`)),
  );
}
