/** One endpoint of Icinga 2. Loaded when it is first used: the HTTP client takes memory. */
import type { CheckResult } from '../../result/check-result.ts';
import { outputOf, reasonAgainst } from '../command.ts';
import { MonitorError } from '../error.ts';
import { HttpClient, type HttpAnswer } from '../http/client.ts';
import type { Place } from '../http/config.ts';
import { inLanes } from '../http/lanes.ts';
import { authorization, sessionOf } from '../http/session.ts';
import type { Service, Session, Verdict } from '../monitor.ts';
import { infoOf, knownBy, verdictOf, type Info, type Known } from './answer.ts';
import type { Icinga2Settings } from './config.ts';
import { icinga2Protocol } from './protocol.ts';

/** The permission that is needed, and the only one. */
const PERMISSION = 'actions/process-check-result';

export class Endpoint {
  readonly #client: HttpClient;
  readonly #settings: Icinga2Settings;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(settings: Icinga2Settings, place: Place) {
    const { connections, user, password } = settings;
    this.#settings = settings;
    this.#client = new HttpClient({ settings, place, connections });
    this.#headers = {
      Accept: 'application/json',
      ...(user !== null && { Authorization: authorization(user, password) }),
    };
  }

  /** The server, for messages. */
  get where(): string {
    return this.#client.where;
  }

  close(): void {
    this.#client.close();
  }

  /** Finds out whether it is reachable, lets us in, and would let us send results. */
  async enter(signal: AbortSignal): Promise<Info> {
    const request = { method: 'GET', path: 'v1', headers: this.#headers, body: '' } as const;
    const info = infoOf(await this.#client.request(request, signal), this.where);
    if (info.permissions.some(permits)) return info;
    const user = this.#settings.user ?? 'of our certificate';
    const text = `the ApiUser ${user} of ${this.where} may not send results: give it permissions = [ "${PERMISSION}" ]`;
    throw new MonitorError('unauthorised', text);
  }

  async open(signal: AbortSignal): Promise<Session> {
    try {
      await this.enter(signal);
    } catch (error) {
      this.close();
      throw error;
    }
    const lanes = this.#settings.connections;
    return sessionOf(this.#client, icinga2Protocol, signal, (results, onVerdict, signals) =>
      inLanes(results, { lanes, enough: signals.enough }, async (result) => {
        onVerdict(result, await this.#deliver(result, signals.over));
      }),
    );
  }

  /** Finds out whether Icinga knows a service, with a request that lacks the result to process. */
  async knows(service: Service, signal: AbortSignal): Promise<Known> {
    return knownBy(await this.#act(service, {}, signal), this.where);
  }

  async #deliver(result: CheckResult, signal: AbortSignal): Promise<Verdict> {
    const reason = reasonAgainst(result, icinga2Protocol.limits);
    if (reason !== null) return { kind: 'refused', reason };
    const output = outputOf(result, Date.now(), icinga2Protocol.limits).toWellFormed();
    const { text, performance } = parted(output);
    const parameters = {
      exit_status: exitStatus(result),
      plugin_output: text,
      ...(performance !== '' && { performance_data: performance }),
    };
    return verdictOf(await this.#act(result, parameters, signal), this.where, result);
  }

  /** No execution times: a result that is older than the last one would be dropped. */
  #act(
    { host, service }: Service,
    parameters: Readonly<Record<string, string | number>>,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const object =
      service === '' ? { type: 'Host', host } : { type: 'Service', service: `${host}!${service}` };
    const headers = { ...this.#headers, 'Content-Type': 'application/json' };
    const body = JSON.stringify({ ...object, ...parameters });
    return this.#client.request(
      { method: 'POST', path: `v1/${PERMISSION}`, headers, body },
      signal,
    );
  }
}

/** For a host Icinga accepts 0 for up and 1 for down, and nothing else. */
function exitStatus({ service, state }: CheckResult): number {
  return service === '' ? Math.min(state, 1) : state;
}

/**
 * Text and performance data, which the API takes separately: the data is what follows a `|` in a
 * line, if it contains a `=`. Icinga reads a plugin's output in this way.
 */
function parted(output: string): { text: string; performance: string } {
  const lines = output
    .split('\n')
    .map((line) => /^([^|]*)\|(.*=.*)$/.exec(line) ?? [line, line, '']);
  return {
    text: lines.map(([, text = '']) => text).join('\n'),
    performance: lines
      .map(([, , data = '']) => data.trim())
      .join(' ')
      .trim(),
  };
}

/** Whether one of a user's permissions includes the needed one; `*` matches anything. */
function permits(permission: string): boolean {
  const pattern = permission.toLowerCase().replace(/ \(filtered\)$/, '');
  const parts = pattern.split('*').map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('.*')}$`).test(PERMISSION);
}
