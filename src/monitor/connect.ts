/** Opens a TCP connection to a monitor, and explains what can go wrong. */
import { connect as connectSocket, type Socket } from 'node:net';
import { MonitorError } from './error.ts';
import { reasonOf } from '../text/reason.ts';

export interface Connection {
  readonly socket: Socket;
  /** How long the handshake took, milliseconds: one round trip. */
  readonly roundTrip: number;
}

/**
 * Tries every address of the name, IPv6 and IPv4, until one answers. The socket stays writable
 * when the other side has ended. Throws MonitorError `down`, or the signal's reason.
 * @param timeout milliseconds, name resolution included
 */
export function connect(
  {
    host,
    port,
    timeout,
    sourceAddress,
  }: { host: string; port: number; timeout: number; sourceAddress: string | null },
  signal: AbortSignal,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    // An address that drops packets must not use up the time of the others.
    const autoSelectFamilyAttemptTimeout = Math.max(250, Math.floor(timeout / 4));
    const socket = connectSocket({
      host,
      port,
      ...(sourceAddress !== null && { localAddress: sourceAddress }),
      allowHalfOpen: true,
      // What is written together must be sent together, not joined to half of the next write.
      noDelay: true,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout,
    });
    const fail = (error: Error) => {
      settle();
      socket.destroy();
      reject(error);
    };
    const onError = (error: Error) => fail(downError(`${host}:${port}`, error));
    const onAbort = () => fail(signal.reason as Error);
    const timer = setTimeout(() => {
      fail(
        new MonitorError(
          'down',
          `${host}:${port} did not answer in ${timeout / 1000} s; is there a firewall in between?`,
        ),
      );
    }, timeout);
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError).on('error', () => {});
    };
    let began = performance.now();
    signal.addEventListener('abort', onAbort);
    socket.on('connectionAttempt', () => (began = performance.now()));
    socket.on('error', onError);
    socket.on('connect', () => {
      settle();
      resolve({ socket, roundTrip: performance.now() - began });
    });
  });
}

function downError(where: string, error: Error): MonitorError {
  // With several addresses the reasons are in an AggregateError; the last one is used.
  const first = error instanceof AggregateError ? (error.errors.at(-1) as Error) : error;
  const reason = WORDS[(first as NodeJS.ErrnoException).code ?? ''] ?? reasonOf(first);
  return new MonitorError('down', `can't connect to ${where}: ${reason}`, { cause: error });
}

/** What an error of a connection means, and what to do, by its code. */
export const WORDS: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'sourceAddress is not an address of this machine; ip address shows which are',
  ECONNREFUSED: 'connection refused; is the daemon running there, and on this port?',
  ECONNRESET: 'it resets every connection; is there a firewall in between?',
  ETIMEDOUT: 'no answer; is there a firewall in between?',
  ENOTFOUND: 'no such host name; is it spelt right, and known to DNS or /etc/hosts?',
  EAI_AGAIN: 'the name servers do not answer; are those in /etc/resolv.conf right?',
  EHOSTUNREACH: 'no route to this host; is it up, and the network between?',
  ENETUNREACH: 'no route to this network; is ours up?',
};
