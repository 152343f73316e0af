/** What HTTP sessions have in common: each result is answered, and nothing is seen in between. */
import { setMaxListeners } from 'node:events';
import type { CheckResult } from '../../result/check-result.ts';
import { MonitorError } from '../error.ts';
import type { Session, Verdict } from '../monitor.ts';
import type { Protocol } from '../protocol.ts';
import type { HttpClient } from './client.ts';

/** Sends results as `Session` requires, each request with the signal `over`. */
type Send = <R extends CheckResult>(
  results: readonly R[],
  onVerdict: (result: R, verdict: Verdict) => void,
  signals: { readonly enough: AbortSignal; readonly over: AbortSignal },
) => Promise<void>;

/** A session of this client; its end closes the connections. */
export function sessionOf(
  client: HttpClient,
  protocol: Protocol,
  signal: AbortSignal,
  send: Send,
): Session {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  // Each request listens to it.
  setMaxListeners(0, either);
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});
  either.addEventListener('abort', () => reject(either.reason as Error), { once: true });
  return {
    protocol,
    failed,
    clockOffset: null,
    holdFor: () => 0,
    send: (results, onVerdict, enough) => send(results, onVerdict, { enough, over: either }),
    finish: async () => client.close(),
    abort: () => {
      over.abort(new MonitorError('unknown', `the session with ${client.where} was cut short`));
      client.close();
    },
  };
}

/** The header of HTTP's basic authentication. */
export function authorization(user: string, password: Buffer): string {
  const pair = Buffer.concat([Buffer.from(`${user}:`), password]);
  return `Basic ${pair.toString('base64')}`;
}
