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

const nothing = () => {};
const SILENT: Notifier = {
  ready: nothing,
  reloading: nothing,
  stopping: nothing,
  status: nothing,
  watchdog: nothing,
};

/** Reports to the systemd that the environment names, if any. The first failure is logged. */
export function notifier(env: NodeJS.ProcessEnv = process.env, log?: Logger): Notifier {
  if (!env['NOTIFY_SOCKET']) return SILENT;
  const descriptor = inherited(env);
  /** Messages not sent yet, beside the one on its way while `busy`. */
  const queue: string[][] = [];
  let busy = false;
  let complained = false;
  let sent: string | undefined;
  let status: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  const failed = (error: Error) => {
    if (complained) return;
    complained = true;
    log?.warn({ err: error }, 'cannot report to systemd; install systemd-notify, or use Type=exec');
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

  const send = (...message: string[]): void => {
    clearTimeout(timer);
    timer = undefined;
    if (status !== undefined && status !== sent) message.push(`STATUS=${status}`);
    sent = status;
    if (message.length > 0) queue.push(message);
    next();
  };

  return {
    ready: () => send('READY=1'),
    // With Type=notify-reload the time shows whether this answers an earlier signal.
    reloading: () => send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => send('STOPPING=1'),
    status: (text) => {
      status = text.replaceAll('\n', ' ');
      timer ??= setTimeout(send, STATUS_WAIT).unref();
    },
    watchdog: () => send('WATCHDOG=1'),
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
