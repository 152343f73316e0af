/**
 * Tells systemd how the service is doing: sd_notify(3) without a native addon.
 *
 * Node has no datagram socket of the Unix family, so a message goes one of two ways:
 * - through a descriptor that systemd connected for us: `OpenFile=/run/systemd/notify:notify` in the
 *   unit, systemd 253 or newer. A write to it costs nothing to speak of.
 * - through `systemd-notify`, a process for each message, which needs `NotifyAccess=all`. One costs
 *   some 7 ms of CPU: 0.01 % of a core for a watchdog fed each minute. A helper that stays would
 *   cost memory, and another process to watch over, to save that.
 * Without NOTIFY_SOCKET nothing is told.
 */
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import type { Logger } from 'pino';

/** How long a status text waits for another message to go with, milliseconds. */
const STATUS_WAIT = 10_000;
/** When systemd-notify, which waits for systemd to have read the message, is given up. */
const HELPER_TIMEOUT = 10_000;

/** None of these throws or waits; what is told in one order arrives in that order. */
export interface Notifier {
  /** The service is up, or done with reloading. */
  ready(): void;
  /** The configuration is being read again; `ready` must follow, also when it was refused. */
  reloading(): void;
  stopping(): void;
  /** One line for `systemctl status`. Told within ten seconds, the last one wins. */
  status(text: string): void;
  /** Feeds the watchdog. */
  watchdog(): void;
}

const nothing = () => {};
const SILENT: Notifier = {
  ready: nothing,
  reloading: nothing,
  stopping: nothing,
  status: nothing,
  watchdog: nothing,
};

/** Tells the systemd that the environment names, if any. What cannot be told is logged once. */
export function notifier(env: NodeJS.ProcessEnv = process.env, log?: Logger): Notifier {
  if (!env['NOTIFY_SOCKET']) return SILENT;
  const descriptor = inherited(env);
  /** Messages not told yet; the first is on its way while `busy`. */
  const queue: string[][] = [];
  let busy = false;
  let complained = false;
  let told: string | undefined;
  let status: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  const failed = (error: Error) => {
    if (complained) return;
    complained = true;
    log?.warn(
      { err: error },
      'cannot tell systemd how the service is doing; install systemd-notify, or use Type=exec',
    );
  };

  const next = (): void => {
    const message = busy ? undefined : queue.shift();
    if (message === undefined) return;
    busy = true;
    const done = (error?: Error) => {
      busy = false;
      if (error !== undefined) failed(error);
      next();
    };
    if (descriptor === undefined) byHelper(message, env, done);
    else byDescriptor(message, descriptor, done);
  };

  const tell = (...message: string[]): void => {
    clearTimeout(timer);
    timer = undefined;
    if (status !== undefined && status !== told) message.push(`STATUS=${status}`);
    told = status;
    if (message.length > 0) queue.push(message);
    next();
  };

  return {
    ready: () => tell('READY=1'),
    // The time is for Type=notify-reload, which tells an answer to an earlier signal by it.
    reloading: () => tell('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => tell('STOPPING=1'),
    status: (text) => {
      status = text.replaceAll('\n', ' ');
      timer ??= setTimeout(tell, STATUS_WAIT).unref();
    },
    watchdog: () => tell('WATCHDOG=1'),
  };
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
